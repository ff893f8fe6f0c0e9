import { medianOf, type Result } from './table.ts';

const WIDTH = 720;
const LABELS = 180;
const ROW = 30;
const BAR = 18;
const TOP = 44;
const COLOURS = { server: '#2f6fde', database: '#9bbcf2', text: '#444444' };

interface Bar {
  readonly name: string;
  readonly server: number;
  readonly database: number;
}

/** Bars of what a delivered signal costs in CPU, the cheapest on top, that of Postgres beside it: an SVG that reads on light and dark. */
export function chart(results: readonly Result[]): string {
  const bars = results
    .map(({ program, runs }): Bar => ({
      name: program,
      server: medianOf(runs, ({ serverMicrosecondsPerSignal }) => serverMicrosecondsPerSignal),
      database: medianOf(runs, ({ databaseMicrosecondsPerSignal }) => databaseMicrosecondsPerSignal),
    }))
    .toSorted((a, b) => a.server + a.database - b.server - b.database);
  const longest = Math.max(...bars.map(({ server, database }) => server + database));
  const scale = (WIDTH - LABELS - 110) / longest;
  const height = TOP + bars.length * ROW + 12;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" rx="6" fill="#ffffff"/>`,
    text(16, 26, 'CPU of a delivered signal, in microseconds; lighter: its Postgres', 'font-weight="600"'),
    ...bars.flatMap((bar, place) => row(bar, TOP + place * ROW, scale)),
    '</svg>\n',
  ].join('\n');
}

function row({ name, server, database }: Bar, y: number, scale: number): string[] {
  const [own, others] = [server * scale, database * scale];
  const figure = database === 0 ? server.toFixed(0) : `${server.toFixed(0)} + ${database.toFixed(0)}`;
  return [
    text(LABELS - 10, y + 14, name, 'text-anchor="end"'),
    rect(LABELS, y, own, COLOURS.server),
    ...(database === 0 ? [] : [rect(LABELS + own, y, others, COLOURS.database)]),
    text(LABELS + own + others + 8, y + 14, figure),
  ];
}

function rect(x: number, y: number, width: number, colour: string): string {
  return `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${colour}"/>`;
}

function text(x: number, y: number, words: string, more = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y}" fill="${COLOURS.text}" ${more}>${words}</text>`;
}
