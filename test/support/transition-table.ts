import { readFileSync } from 'node:fs';
import { callStatuses, endReasons } from '../../src/calls/call-status.js';
import { errorCodes } from '../../src/errors.js';

export const roles = ['caller', "caller's other", 'callee', "callee's other", 'stranger', 'server'] as const;
export type Role = (typeof roles)[number];

/** Those that may be told of a call. */
export const parties = ['caller', "caller's other", 'callee', "callee's other"] as const;
export type Party = (typeof parties)[number];

/** `hidden` is CREATED, for a caller who is blocked; `—` is no call. */
export const states = ['—', 'hidden', ...callStatuses] as const;
export type State = (typeof states)[number];

const events = ['CREATED', 'RINGING', 'ANSWERED', 'ANSWERED_ELSEWHERE', 'ENDED', 'SIGNAL'] as const;
const codes = Object.keys(errorCodes);

/** A row of the table in docs/protocol.md. */
export interface Transition {
  /** The row as it stands, to be found again. */
  readonly row: string;
  readonly who: readonly Role[];
  /** What is done, and the values that it is done with, one after the other; [''] where there are none. */
  readonly operation: string;
  readonly values: readonly string[];
  readonly from: readonly State[];
  readonly to: State | 'same';
  readonly told: ReadonlyMap<Party, readonly string[]>;
  readonly endReason: string | null;
  readonly error: string | null;
  /** What the error says would be allowed; null where the row does not say. */
  readonly allowed: readonly string[] | null;
}

/** Operations whose name is followed by a list of values. */
const listed = ['`endCall`', '`sendSignal`', 'loses its session by'];

/** The page, and the table that it has under that heading. Throws where a cell says what nobody here knows. */
export function readTransitions(): { page: string; transitions: Transition[] } {
  const page = readFileSync('docs/protocol.md', 'utf8');
  const [, section = ''] = page.split('### Every transition');
  const [table = ''] = /(?:^\|.*\n)+/m.exec(section) ?? [];
  const [head, , ...rows] = table.trimEnd().split('\n');
  if (head !== '| who | does | from | to | told | ends, or is refused, with |') throw new Error(`The table begins with ${head}.`);
  return { page, transitions: rows.map(readRow) };
}

function readRow(row: string): Transition {
  const cells = row.split('|').map((cell) => cell.trim());
  const [, who = '', does = '', from = '', to = '', told = '', result = ''] = cells;
  const oneOf = <Name extends string>(names: readonly Name[], text: string): Name => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw new Error(`"${text}" is not known, in: ${row}`);
    return found;
  };
  if (cells.length !== 8) throw new Error(`Not six cells: ${row}`);
  const [, code = '', allowed = null] = /^(\w*)(?: \((.+)\))?$/.exec(result) ?? [];
  const isError = codes.includes(code) && !(endReasons as readonly string[]).includes(code);
  const base = listed.find((operation) => does.startsWith(`${operation} `) && does !== '`sendSignal` again, with its key');
  return {
    row,
    who: list(who).map((name) => oneOf(roles, name)),
    operation: base ?? does,
    values: base === undefined ? [''] : list(does.slice(base.length)),
    from: list(from).map((name) => oneOf(states, name)),
    to: oneOf([...states, 'same'], to),
    told: readTold(told, oneOf),
    endReason: code === '' || isError ? null : oneOf(endReasons, code),
    error: isError ? code : null,
    allowed: allowed === null ? null : list(allowed).map((reason) => oneOf(endReasons, reason)),
  };
}

/** `nobody`, or `caller, callee: ANSWERED, SIGNAL; callee's other: ENDED`. */
function readTold(told: string, oneOf: <Name extends string>(names: readonly Name[], text: string) => Name): Map<Party, string[]> {
  const heard = new Map<Party, string[]>();
  if (told === 'nobody') return heard;
  for (const part of told.split('; ')) {
    const [who = '', what = ''] = part.split(': ');
    for (const party of who === 'all' ? parties : list(who).map((name) => oneOf(parties, name))) {
      heard.set(
        party,
        list(what).map((name) => oneOf(events, name)),
      );
    }
  }
  return heard;
}

function list(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}
