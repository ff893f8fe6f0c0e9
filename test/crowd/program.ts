import type { Acknowledged, CommandName, CrowdCommands, Person, Request, Response, Return, Tally } from './commands.js';
import { Member, type Outpour } from './member.js';

const atOnce = 64;
/** One address has some 28,000 ports to connect from, and each that was used rests for a minute. */
const membersPerAddress = 500;
const addresses = 200;

/** Runs `work` for each, at most so many at once. */
async function forEach<Item>(items: readonly Item[], work: (item: Item, position: number) => Promise<void>): Promise<void> {
  let next = 0;
  const goOn = async (): Promise<void> => {
    while (next < items.length) {
      const position = next;
      next += 1;
      await work(items[position]!, position);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, goOn));
}

/** A crowd of devices in this process, told what to do by the one that started it. */
class Crowd implements Promised<CrowdCommands> {
  #members: Member[] = [];

  async arrive(people: readonly Person[], urls: readonly string[]): Promise<void> {
    this.#members = people.map((person, n) => new Member(person, address(Math.floor(n / membersPerAddress))));
    await forEach(this.#members, (member, n) => member.arrive(urls[n % urls.length]!));
  }

  cut(): Promise<void> {
    for (const member of this.#members) member.cut();
    return Promise.resolve();
  }

  async comeBack(urls: readonly string[]): Promise<Return> {
    const startedAt = performance.now();
    let tries = 0;
    const tookMs = await Promise.all(
      this.#members.map(async (member, n) => {
        const took = await member.comeBack([...urls.slice(n % urls.length), ...urls.slice(0, n % urls.length)]);
        tries += took;
        return performance.now() - startedAt;
      }),
    );
    return { tookMs, tries };
  }

  async post(httpUrls: readonly string[], number: number): Promise<void> {
    await forEach(this.#members, (member, n) => member.post(httpUrls[n % httpUrls.length]!, number));
  }

  async send(outpour: Outpour): Promise<readonly Acknowledged[]> {
    // One behind the other, not all at once: who measures wants an even load.
    const turn = (n: number): number => n / this.#members.length;
    return (await Promise.all(this.#members.map((member, n) => member.send(outpour, turn(n))))).flat();
  }

  stall(): Promise<void> {
    for (const member of this.#members) member.stall();
    return Promise.resolve();
  }

  tallies(): Promise<readonly Tally[]> {
    return Promise.resolve(this.#members.map(({ tally }) => tally));
  }

  async leave(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.leave()));
  }

  async comeAndGo(count: number, members: number, urls: readonly string[]): Promise<void> {
    let left = count;
    const comeAndGo = async (member: Member, n: number): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await member.arrive(urls[(left + n) % urls.length]!);
        await member.leave();
      }
    };
    await Promise.all(this.#members.slice(0, members).map(comeAndGo));
  }
}

type Promised<Commands> = {
  [Name in keyof Commands]: Commands[Name] extends (...values: infer Values) => infer Result
    ? (...values: Values) => Promise<Result>
    : never;
};

function address(n: number): string {
  return `127.0.0.${2 + (n % addresses)}`;
}

const crowd = new Crowd();
const answer = (response: Response): void => void process.send!(response);
process.on('message', ({ id, name, values }: Request) => {
  const run = crowd[name] as (...all: Request['values']) => Promise<ReturnType<CrowdCommands[CommandName]>>;
  run.apply(crowd, values).then(
    (result) => answer({ id, result }),
    (error: unknown) => answer({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
