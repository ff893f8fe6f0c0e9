import type { GraphQLSchema } from 'graphql';
import { errorCodes } from '../../src/errors.js';
import { documentFor, placesAsked, rootField } from './access-document.js';
import { asks, spoiling } from './access-operations.js';
import { shownIn, type Shown } from './access-owner.js';
import { columnOf, setStage, viewers, type Stage, type Viewer } from './access-stage.js';
import { readLabel, type AccessRow } from './access-table.js';
import { post } from './api.js';
import { RawSocket, type RawAnswer } from './raw-socket.js';
import type { TestServer } from './server.js';
import { transports, type Transport } from './transports.js';
import { until } from './until.js';

/** One cell of the table, as it was answered. */
export interface Answered {
  readonly label: string;
  readonly viewer: Viewer;
  readonly transport: Transport;
  /** What the page says, and what was answered. */
  readonly documented: string;
  readonly answered: string;
  readonly body: string;
  shown: readonly Shown[];
  readonly places: readonly string[];
}

/** What the page says of that viewer, on that transport. */
function documentedFor({ label, cells }: AccessRow, viewer: Viewer, transport: Transport): string {
  const column = columnOf(viewer);
  if (transport === 'WebSocket' && (column === 'expired' || column === 'revoked')) return 'closed with 4403';
  return transport === 'HTTP' && readLabel(label).type === 'subscription' ? 'BAD_QUERY' : cells[column];
}

/** Two nodes on one database: one for questions, and one whose sessions are short, for streams. */
export interface AccessServers {
  readonly server: TestServer;
  readonly brief: TestServer;
}

/** Asks everything of the table, as every viewer, on both transports. */
export class AccessRun {
  readonly #schema: GraphQLSchema;
  readonly #answered: Answered[] = [];
  readonly #streams: { socket: RawSocket; stage: Stage; answered: Answered }[] = [];

  /** Stops the server of the streams, so that they are told of that too. */
  static async askAll({ server, brief }: AccessServers, schema: GraphQLSchema, table: readonly AccessRow[]): Promise<Answered[]> {
    const run = new AccessRun(schema);
    const rows = table.filter(({ label }) => rootField(schema, readLabel(label)) !== null);
    const isStream = ({ label }: AccessRow) => readLabel(label).type === 'subscription';
    const questions = rows.filter((row) => !isStream(row));
    // First, for their sessions are short.
    await run.#askAs(brief, rows.filter(isStream));
    await Promise.all([run.#askAs(server, questions), run.#endStreams(brief)]);
    return run.#answered;
  }

  private constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  async #askAs(server: TestServer, rows: readonly AccessRow[]): Promise<void> {
    const stages = await Promise.all(viewers.map((viewer) => setStage(server, viewer, 'whole')));
    await Promise.all(stages.flatMap((stage) => transports.map((transport) => this.#askRows(rows, server, stage, transport))));
  }

  async #askRows(rows: readonly AccessRow[], server: TestServer, stage: Stage, transport: Transport): Promise<void> {
    for (const row of rows) await this.#ask(row, server, stage, transport);
  }

  async #ask(row: AccessRow, server: TestServer, shared: Stage, transport: Transport): Promise<void> {
    const { label } = row;
    const { viewer } = shared;
    const named = readLabel(label);
    const documented = documentedFor(row, viewer, transport);
    const stage = spoiling.has(label) && !isRefusal(documented) ? await setStage(server, viewer, 'short') : shared;
    const ask = asks[label];
    if (ask === undefined) throw new Error(`Nobody has said here how ${label} is asked.`);
    const variables = await ask(stage);
    const query = documentFor(this.#schema, named);
    const socket = transport === 'HTTP' ? null : new RawSocket(server.webSocketUrl);
    const answer = await (socket === null ? askHttp(server, stage, query, variables) : askSocket(socket, stage, query, variables));
    const value = typeof answer === 'string' ? null : answer.data?.[named.field];
    const answered: Answered = {
      label,
      viewer,
      transport,
      documented,
      answered: typeof answer === 'string' ? answer : wordFor(answer, value),
      body: JSON.stringify(answer),
      shown: shownIn(value, stage),
      places: placesAsked(this.#schema, named, variables),
    };
    this.#answered.push(answered);
    if (socket !== null && named.type === 'subscription' && answered.answered === 'ok') this.#streams.push({ socket, stage, answered });
    else socket?.terminate();
  }

  /** What the streams were told behind their first event belongs to that answer. */
  async #endStreams(server: TestServer): Promise<void> {
    const tellsOfExpiry = ({ text }: { text: string }): boolean => text.includes('"SessionExpiring"');
    const inboxes = this.#streams.filter(({ answered }) => answered.label.includes('inbox'));
    const areTold = (): boolean => inboxes.every(({ socket }) => socket.frames.some(tellsOfExpiry));
    await until('each stream to be told that it expires', areTold, { withinMs: 20_000 });
    await server.stop();
    for (const { socket, stage, answered } of this.#streams) {
      const results = socket.frames.filter(({ type }) => type === 'next').map(({ payload }) => (payload as RawAnswer).data);
      answered.shown = shownIn(results, stage);
    }
  }
}

async function askHttp(server: TestServer, { token }: Stage, query: string, variables: object): Promise<RawAnswer> {
  return (await post<Record<string, unknown>>(server.url, token, query, variables)).body;
}

/** The answer, or with which code the socket was closed instead. */
async function askSocket(socket: RawSocket, { token }: Stage, query: string, variables: object): Promise<RawAnswer | string> {
  await socket.send({ type: 'connection_init', payload: token === null ? {} : { Authorization: `Bearer ${token}` } });
  const closed = await Promise.race([socket.closed, socket.frame('connection_ack').then(() => null)]);
  return closed === null ? socket.ask(query, variables, 'asked') : `closed with ${closed.code}`;
}

/** Nothing has changed then. */
function isRefusal(answer: string): boolean {
  return answer in errorCodes || answer.startsWith('closed');
}

/** By the words of docs/access.md. */
function wordFor({ errors }: RawAnswer, value: unknown): string {
  if (errors !== undefined) return String(errors[0]?.extensions?.['code']);
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'nothing';
  const { edges, events } = value as { edges?: unknown; events?: unknown };
  const list = Array.isArray(value) ? value : (edges ?? events);
  return Array.isArray(list) && list.length === 0 ? 'empty' : 'ok';
}
