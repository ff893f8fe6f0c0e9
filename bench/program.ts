import type { WebSocket } from 'ws';

import type { Launch, Place } from './server-process.ts';
import type { Link } from './wire.ts';

/** Something that carries signals, and how one talks to it. */
export interface Program {
  readonly name: string;
  readonly storesAndAuthorises: boolean;
  launch(place: Place): Launch;
  /** Connects and subscribes both sides of one pair; resolves when nothing that is sent from now on can be missed. */
  connect(urls: { httpUrl: string; socketUrl: string }, pair: number): Promise<Link>;
  /** Connects so many devices that say and hear nothing, where the program can have some. */
  connectIdle?(urls: { httpUrl: string; socketUrl: string }, count: number): Promise<readonly WebSocket[]>;
}
