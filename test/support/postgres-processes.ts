import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Every process of a Postgres on that data directory (a real path): each works in it. */
export function postgresProcessesOn(cluster: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && nameOf(pid) === 'postgres' && workingFolderOf(pid) === cluster);
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    // It has ended since the listing.
    return '';
  }
}

function workingFolderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}
