import { Agent, request } from 'node:http';

import { layOut } from './columns.ts';
import { fewAtATime } from './few-at-a-time.ts';
import type { Options } from './options.ts';
import { mercurius } from './peer-programs.ts';
import { preparePeers } from './peers.ts';
import { lines, PLACE, sequenceText } from './script.ts';
import { type Launch, type Place, ServerProcess } from './server-process.ts';
import { median } from './statistics.ts';
import { createSwitchboardClient, type SwitchboardSession } from './switchboard-client.ts';
import { launchSwitchboard, PRODUCTION } from './switchboard-program.ts';

const WARMUP = 5_000;
const MEASURED = 20_000;
const CALLS_AT_ONCE = 8;
const SEND_SIGNAL = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { id delivery duplicate } }';

/** What is sent by one of the connections, again and again, and as whom. */
interface Sender {
  readonly headers: Readonly<Record<string, string>>;
  readonly address: object;
}

interface HttpProgram {
  readonly name: string;
  launch(place: Place): Launch;
  senders(httpUrl: string, count: number): Promise<readonly Sender[]>;
}

interface HttpFigures {
  readonly serverMicroseconds: number;
  readonly databaseMicroseconds: number;
}

/** A signal of the size of a candidate, by POST over connections that are kept, to nobody who listens: how many times Mercurius's cost. */
export async function benchHttp(options: Options): Promise<number> {
  const programs: readonly HttpProgram[] = [mercuriusOverHttp, switchboardOverHttp(options.switchboardCommand)];
  preparePeers();
  const measured = new Map<HttpProgram, HttpFigures[]>(programs.map((program) => [program, []]));
  for (let run = 1; run <= options.runs; run += 1) {
    for (const program of programs) {
      const figures = await measure(program, options.pairs);
      measured.get(program)!.push(figures);
      console.log(`run ${run} of ${options.runs}: ${program.name} ${describe(figures)}`);
    }
  }
  const server = (program: HttpProgram): number => median(measured.get(program)!.map(({ serverMicroseconds }) => serverMicroseconds));
  const base = server(mercuriusOverHttp);
  const rows = programs.map((program) => [program.name, server(program).toFixed(1), (server(program) / base).toFixed(2)]);
  console.log(`\n${layOut([['mutation over HTTP', 'CPU µs', '× mercurius'], ...rows])}\n\nMedians; ${options.pairs} connections.`);
  return server(programs[1]!) / base;
}

const mercuriusOverHttp: HttpProgram = {
  name: 'mercurius',
  launch: (place) => mercurius.launch(place),
  senders: (_httpUrl, count) =>
    Promise.resolve(Array.from({ length: count }, (_, n) => ({ headers: {}, address: { to: `${n}`, from: `${n}`, callId: `${n}` } }))),
};

function switchboardOverHttp(command: string): HttpProgram {
  const call = async (httpUrl: string, number: number): Promise<{ session: SwitchboardSession; callId: string }> => {
    const client = createSwitchboardClient(httpUrl);
    const [session, other] = await Promise.all([client.register(`http${number}er`), client.register(`http${number}ee`)]);
    const callId = await client.createCall(session, other.userId);
    await client.acceptCall(other, callId);
    return { session, callId };
  };
  return {
    name: 'switchboard',
    launch: (place) => launchSwitchboard(command, place, PRODUCTION),
    senders: async (httpUrl, count) => {
      const calls = await fewAtATime(count, CALLS_AT_ONCE, (number) => call(httpUrl, number));
      return calls.map(({ session, callId }) => ({
        headers: { authorization: `Bearer ${session.accessToken}` },
        address: { callId },
      }));
    },
  };
}

async function measure(program: HttpProgram, connections: number): Promise<HttpFigures> {
  const server = await ServerProcess.start((place) => program.launch(place));
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    const senders = await program.senders(server.httpUrl, connections);
    await send(server, agent, senders, 0, WARMUP);
    const from = server.usage();
    await send(server, agent, senders, WARMUP, MEASURED);
    const to = server.usage();
    return {
      serverMicroseconds: (to.serverMicroseconds - from.serverMicroseconds) / MEASURED,
      databaseMicroseconds: (to.databaseMicroseconds - from.databaseMicroseconds) / MEASURED,
    };
  } finally {
    agent.destroy();
    await server.stop();
  }
}

/** One at a time by each. */
async function send(server: ServerProcess, agent: Agent, senders: readonly Sender[], first: number, count: number): Promise<void> {
  const payload = lines('caller')[1]!.payload;
  let next = 0;
  const goOn = async ({ headers, address }: Sender): Promise<void> => {
    while (next < count) {
      const key = sequenceText(first + next);
      next += 1;
      const input = { ...address, kind: 'ICE_CANDIDATE', payload: payload.replace(PLACE, key), key };
      await post(`${server.httpUrl}/graphql`, agent, headers, JSON.stringify({ query: SEND_SIGNAL, variables: { input } }));
    }
  };
  await Promise.all(senders.map(goOn));
}

function post(url: string, agent: Agent, headers: Readonly<Record<string, string>>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, method: 'POST', headers: { ...headers, 'content-type': 'application/json' } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.once('error', reject);
      response.once('end', () => {
        if (text.includes('"duplicate":false')) resolve();
        else reject(new Error(`The program answered ${response.statusCode} ${text}`));
      });
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

function describe({ serverMicroseconds, databaseMicroseconds }: HttpFigures): string {
  const database = databaseMicroseconds === 0 ? '' : ` + ${databaseMicroseconds.toFixed(1)} of Postgres`;
  return `${serverMicroseconds.toFixed(1)} µs${database}`;
}
