import type { BrowserContext, Page } from 'playwright-core';
import type * as Sdk from '../../src/client/index.js';
import { openPage } from './browser.js';
import type { ServerProcess } from './server-process.js';
import { until } from './until.js';

/** What a page keeps between two questions. */
declare global {
  var sdk: typeof Sdk;
  var phone: Sdk.Switchboard;
  var call: Sdk.Call | undefined;
  var play: (stream: MediaStream) => void;
  /** What the call told, in order. */
  var told: string[];
}

type Kind = 'audio' | 'video' | 'nothing';

/** A browser tab with the SDK and nothing else: one device. */
export class CallerPage {
  readonly page: Page;
  readonly faults: string[];

  private constructor(page: Page, faults: string[]) {
    this.page = page;
    this.faults = faults;
  }

  /** Signed in as a new user, or as another device of one; `configuration` is that of its peer connections. */
  static async open(
    server: ServerProcess,
    context: BrowserContext,
    { username, isNew = true, configuration = {} }: { username: string; isNew?: boolean; configuration?: RTCConfiguration },
  ): Promise<CallerPage> {
    // Any page of the server will do.
    const { page, faults } = await openPage(context, new URL('/healthz', server.url).href);
    // As text: the test runner would make an import of its own of it.
    await page.evaluate("import('/client.js').then((module) => (globalThis.sdk = module))");
    await page.evaluate(
      async ([name, register, settings]) => {
        globalThis.phone = new sdk.Switchboard({ configuration: settings });
        globalThis.told = [];
        globalThis.call = undefined;
        // Sound is decoded only where something plays it.
        globalThis.play = (stream) => {
          const video = document.createElement('video');
          Object.assign(video, { autoplay: true, srcObject: stream });
          document.body.append(video);
        };
        phone.on('error', (error) => told.push(`error ${error.message}`));
        phone.on('incoming', (incoming) => {
          globalThis.call = incoming;
          incoming.on('elsewhere', () => told.push('elsewhere'));
          incoming.on('ended', ({ endReason }) => told.push(`ended ${endReason}`));
          incoming.on('error', (error) => told.push(`error ${error.message}`));
        });
        const credentials = { username: name, password: 'correct horse' };
        if (register) await phone.register(credentials);
        else await phone.signIn(credentials);
      },
      [username, isNew, configuration] as const,
    );
    await until('the connection', () => page.evaluate(() => phone.cursor !== null), { withinMs: 10_000 });
    return new CallerPage(page, faults);
  }

  async call(username: string, kind: Kind): Promise<void> {
    await this.page.evaluate(
      async ([name, what]) => {
        const stream = what === 'nothing' ? null : await navigator.mediaDevices.getUserMedia({ audio: true, video: what === 'video' });
        const outgoing = await phone.call(name, stream === null ? {} : { stream });
        globalThis.call = outgoing;
        play(outgoing.remoteStream);
        outgoing.on('ended', ({ endReason }) => told.push(`ended ${endReason}`));
        outgoing.on('error', (error) => told.push(`error ${error.message}`));
      },
      [username, kind] as const,
    );
  }

  async accept(kind: Kind): Promise<void> {
    await until('the ring', () => this.page.evaluate(() => call !== undefined), { withinMs: 10_000 });
    await this.page.evaluate(async (what) => {
      const stream = what === 'nothing' ? null : await navigator.mediaDevices.getUserMedia({ audio: true, video: what === 'video' });
      await call?.accept(stream === null ? {} : { stream });
      if (call !== undefined) play(call.remoteStream);
    }, kind);
  }

  /** Video frames and audio samples that this side has decoded of the other's, by its statistics. */
  decoded(): Promise<{ frames: number; samples: number }> {
    return this.page.evaluate(async () => {
      const sums = { frames: 0, samples: 0 };
      for (const report of (await call?.connection?.getStats())?.values() ?? []) {
        if (report.type !== 'inbound-rtp') continue;
        sums.frames += report.framesDecoded ?? 0;
        sums.samples += report.totalSamplesReceived ?? 0;
      }
      return sums;
    });
  }

  /** Waits until that many more have been decoded than now. */
  async decodes(what: 'frames' | 'samples', atLeast = 10): Promise<void> {
    const before = (await this.decoded())[what];
    await until(`${atLeast} more ${what}`, async () => (await this.decoded())[what] >= before + atLeast, {
      withinMs: 20_000,
      everyMs: 100,
    });
  }

  /** The kinds of candidate at the two ends of the pair that carries the media. */
  pair(): Promise<string[]> {
    return this.page.evaluate(async () => {
      const reports = [...((await call?.connection?.getStats())?.values() ?? [])];
      const transport = reports.find(({ type }) => type === 'transport');
      const pair = reports.find(({ id }) => id === transport?.selectedCandidatePairId);
      return [pair?.localCandidateId, pair?.remoteCandidateId].map(
        (id) => reports.find((report) => report.id === id)?.candidateType ?? 'none',
      );
    });
  }

  told(): Promise<string[]> {
    return this.page.evaluate(() => told);
  }

  async hears(what: string): Promise<void> {
    await until(what, async () => (await this.told()).includes(what), { withinMs: 10_000 });
  }
}
