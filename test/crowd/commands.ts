import type { Outpour } from './member.js';

/** Who a member of the crowd is, and the call that it is in. */
export interface Person {
  readonly token: string;
  readonly callId: string;
}

/** What members have handled: the signals in order, those that were not the next one, and Ready that was not where they asked for. */
export interface Tally {
  readonly handled: number;
  readonly faults: number;
  readonly unrecovered: number;
}

/** How a return went: each member's time from the moment the network was there, in ms, and tries. */
export interface Return {
  readonly tookMs: readonly number[];
  readonly tries: number;
}

/** A signal that was sent at that time (Unix, in ms) and acknowledged so many ms later. */
export interface Acknowledged {
  readonly sentAt: number;
  readonly tookMs: number;
}

/** What the program of the crowd does, by name; in the order of the parameters, one at a time or several at once. */
export interface CrowdCommands {
  /** Connects all, some at once; member n to the address n modulo their number. */
  arrive(people: readonly Person[], urls: readonly string[]): void;
  /** Every socket at once. */
  cut(): void;
  /** From now on the network is there again: each member comes back with the SDK's pauses. */
  comeBack(urls: readonly string[]): Return;
  /** Each member sends that one signal over HTTP. */
  post(httpUrls: readonly string[], number: number): void;
  /** Each member sends signals over its socket; gives when each was acknowledged. */
  send(outpour: Outpour): readonly Acknowledged[];
  stall(): void;
  tallies(): readonly Tally[];
  leave(): void;
  /** That many joins and leaves, so many of them at once, by whichever members: connect, subscribe, Ready, goodbye. */
  comeAndGo(count: number, atOnce: number, urls: readonly string[]): void;
}

export type CommandName = keyof CrowdCommands;
export type Command = { [Name in CommandName]: { readonly name: Name; readonly values: Parameters<CrowdCommands[Name]> } }[CommandName];
export type Request = Command & { readonly id: number };
export type Response = { readonly id: number; readonly result?: unknown; readonly failure?: string };
