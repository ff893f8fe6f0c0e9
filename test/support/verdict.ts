import { expect } from 'vitest';
import type { LedgerRun } from '../scenarios/ledger.js';
import { figures, secondsSince } from './figures.js';
import { brokenStories, judge, spotless } from './ledger.js';

/** Prints what the checker found in a run, and expects that it found nothing wrong. */
export function expectSpotless(title: string, run: LedgerRun, startedAt: number, more: Record<string, string | number> = {}): void {
  const verdict = judge(run.entries, run.stored);
  const stories = brokenStories(run.entries, run.parties);
  const { cuts, connections: sockets, unrecovered } = run;
  figures(title, {
    ...verdict,
    'broken stories': stories.length,
    'not recovered': unrecovered,
    cuts,
    sockets,
    ...more,
    took: secondsSince(startedAt),
  });
  expect(verdict).toMatchObject(spotless);
  expect(stories).toEqual([]);
  expect(unrecovered).toBe(0);
  expect(verdict.acknowledged).toBe(run.signals);
}
