import type { TestServer } from './server.js';

/** What /metrics says. Names are without `switchboard_`. */
export interface MetricsPage {
  readonly text: string;
  /** What is registered, and of which type. */
  readonly types: ReadonlyMap<string, string>;
  /** `name{label="value",…}` of each series. */
  readonly series: readonly string[];
  /** Of the one series with exactly these labels; throws where there is none. */
  readonly value: (name: string, labels?: Readonly<Record<string, string>>) => number;
}

export async function metricsOf({ url }: Pick<TestServer, 'url'>): Promise<MetricsPage> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const series = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
        return [`${name}{${labels.split(',').toSorted().join(',')}}`, Number(value)];
      }),
  );
  return {
    text,
    types: new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type])),
    series: [...series.keys()],
    value: (name, labels = {}) => {
      const key = `switchboard_${name}{${Object.entries(labels)
        .map(([label, value]) => `${label}="${value}"`)
        .toSorted()
        .join(',')}}`;
      const value = series.get(key);
      if (value === undefined) throw new Error(`There is no ${key} in /metrics.`);
      return value;
    },
  };
}
