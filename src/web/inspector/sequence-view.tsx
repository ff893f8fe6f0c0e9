import type { JSX } from 'preact';
import type { CallInfo } from '../../client/index.js';
import { bytes, clock, offset } from '../times.js';
import { labelOf, shortId } from './entry-text.js';
import { gutter, type Lane } from './lanes.js';
import type { Arrow, Diagram, Row } from './sequence-diagram.js';

interface SequenceViewProps {
  readonly diagram: Diagram;
  readonly call: CallInfo;
  readonly deviceNames: ReadonlyMap<string, string>;
  /** The index of a row. */
  readonly selected: number | null;
  readonly onSelect: (row: number | null) => void;
}

/** The diagram as SVG: a list of steps that is walked by the arrow keys. */
export function SequenceView({ diagram, call, deviceNames, selected, onSelect }: SequenceViewProps): JSX.Element {
  const { lanes, rows, width, height } = diagram;
  const walk = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Escape') onSelect(null);
    if (step === 0) return;
    event.preventDefault();
    const next = Math.min(rows.length - 1, Math.max(0, (selected ?? (step > 0 ? -1 : rows.length)) + step));
    onSelect(next);
    (event.currentTarget as SVGElement).querySelectorAll<SVGElement>('[role="option"]')[next]?.focus();
  };
  return (
    <svg
      class="sequence-svg"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="listbox"
      aria-label="Steps of the call"
      onKeyDown={walk}
    >
      {lanes.map((lane) => (
        <LaneHead
          key={lane.id}
          lane={lane}
          height={height}
          caption={captionOf(lane, deviceNames)}
          spacing={(width - gutter) / lanes.length}
        />
      ))}
      {rows.map((row, n) => (
        <Step
          key={`${row.first.at} ${row.kind} ${row.first.deviceId}`}
          row={row}
          call={call}
          width={width}
          serverX={lanes.find(({ side }) => side === 'server')?.x ?? 0}
          isSelected={selected === n}
          isReachable={selected === n || (selected === null && n === 0)}
          onSelect={() => onSelect(selected === n ? null : n)}
        />
      ))}
    </svg>
  );
}

function captionOf({ deviceId, side }: Lane, names: ReadonlyMap<string, string>): string {
  if (deviceId === null) return side === 'server' ? 'Switchboard' : 'no device yet';
  return names.get(deviceId) ?? `device …${shortId(deviceId)}`;
}

interface LaneHeadProps {
  readonly lane: Lane;
  readonly height: number;
  readonly caption: string;
  readonly spacing: number;
}

function LaneHead({ lane, height, caption, spacing }: LaneHeadProps): JSX.Element {
  // A letter is about 6 pixels wide.
  const fitting = Math.max(6, Math.floor((spacing - 6) / 6));
  const cut = (text: string): string => (text.length > fitting ? `${text.slice(0, fitting - 1)}…` : text);
  return (
    <g class={`lane ${lane.side}`}>
      <title>{`${lane.title}: ${caption}`}</title>
      <line x1={lane.x} x2={lane.x} y1={52} y2={height - 8} />
      <text x={lane.x} y={22} class="lane-title">
        {cut(lane.title)}
      </text>
      <text x={lane.x} y={39} class="lane-caption">
        {cut(spacing < 110 ? caption.replace('device ', '') : caption)}
      </text>
    </g>
  );
}

interface StepProps {
  readonly row: Row;
  readonly call: CallInfo;
  readonly width: number;
  readonly serverX: number;
  readonly isSelected: boolean;
  readonly isReachable: boolean;
  readonly onSelect: () => void;
}

function Step({ row, call, width, serverX, isSelected, isReachable, onSelect }: StepProps): JSX.Element {
  const label = labelOf(row, call);
  const size = row.bytes === null || row.bytes === 0 ? '' : bytes(row.bytes);
  const who = row.first.user?.username ?? 'the server';
  const name = [offset(row.offsetMs), who, label, size].filter((part) => part !== '').join(', ');
  return (
    <g
      class={`step ${row.kind.toLowerCase()} ${isSelected ? 'is-selected' : ''}`}
      role="option"
      aria-selected={isSelected}
      aria-label={name}
      tabIndex={isReachable ? 0 : -1}
      onClick={onSelect}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onSelect();
      }}
    >
      <title>{clock(row.first.at)}</title>
      <rect class="step-ground" x={1} y={row.y - 27} width={width - 2} height={36} rx={6} />
      {row.gapMs === null ? null : (
        <text class="step-gap" x={gutter - 10} y={row.y - 34}>
          {`⋮ ${offset(row.gapMs).slice(1)}`}
        </text>
      )}
      <text class="step-time" x={gutter - 10} y={row.y + 3}>
        {offset(row.offsetMs)}
      </text>
      {row.arrows.map((arrow) => (
        <ArrowLine key={`${arrow.fromX} ${arrow.toX}`} arrow={arrow} y={row.y} kind={row.kind} serverX={serverX} />
      ))}
      <text class="step-label" x={row.labelX} y={row.y - 9}>
        {label}
        {size === '' ? null : <tspan class="step-size">{`  ${size}`}</tspan>}
      </text>
    </g>
  );
}

function ArrowLine({
  arrow,
  y,
  kind,
  serverX,
}: {
  readonly arrow: Arrow;
  readonly y: number;
  readonly kind: Row['kind'];
  readonly serverX: number;
}): JSX.Element {
  const isBroken = kind === 'SIGNALING_DOWN' || kind === 'SIGNALING_UP';
  const passes = (arrow.fromX - serverX) * (arrow.toX - serverX) < 0;
  const end = arrow.toX + (arrow.toX > arrow.fromX ? -2 : 2);
  return (
    <g class={`arrow ${arrow.isTold ? 'told' : ''} ${isBroken ? 'broken' : ''}`}>
      <line x1={arrow.fromX} x2={end} y1={y} y2={y} />
      {isBroken ? null : <path class="head" d={headAt(end, y, arrow.toX > arrow.fromX ? 1 : -1)} />}
      {passes ? <circle cx={serverX} cy={y} r={3} /> : null}
      {isBroken ? (
        <path
          class="break"
          d={kind === 'SIGNALING_DOWN' ? crossAt((arrow.fromX + arrow.toX) / 2, y) : tickAt((arrow.fromX + arrow.toX) / 2, y)}
        />
      ) : null}
    </g>
  );
}

const headAt = (x: number, y: number, direction: 1 | -1): string => `M${x} ${y}l${-8 * direction} -4v8z`;
const crossAt = (x: number, y: number): string => `M${x - 4} ${y - 4}l8 8m0-8l-8 8`;
const tickAt = (x: number, y: number): string => `M${x - 5} ${y}l4 4 6-8`;
