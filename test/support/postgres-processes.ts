import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Every process of a Postgres whose data lies below `folder`: Postgres works in its data directory. */
export function postgresProcessesBelow(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && nameOf(pid) === 'postgres' && workingFolderOf(pid).startsWith(`${folder}/`));
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
