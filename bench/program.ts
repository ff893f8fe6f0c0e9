import type { WebSocket } from 'ws';

import type { Launch, Place, ServerProcess } from './server-process.ts';
import type { Link } from './wire.ts';

/** Something that carries signals, and how one talks to it. */
export interface Program {
  readonly name: string;
  readonly storesAndAuthorises: boolean;
  launch(place: Place): Launch;
  /** Makes ready what it is measured with, before anybody connects. Returns what else runs, and costs: more nodes. */
  prepare?(server: ServerProcess): Promise<readonly ServerProcess[]>;
  /** Connects and subscribes both sides of one pair; resolves when nothing that is sent from now on can be missed. */
  connect(urls: { httpUrl: string; socketUrl: string }, pair: number): Promise<Link>;
  /** Connects so many devices that say and hear nothing, where the program can have some. */
  connectIdle?(urls: { httpUrl: string; socketUrl: string }, count: number): Promise<readonly WebSocket[]>;
}
