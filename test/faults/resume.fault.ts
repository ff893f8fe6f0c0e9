import { expect, test } from 'vitest';
import { manySignals, meanwhile, resumeInEveryCase } from '../scenarios/resume.js';
import { figures } from '../support/figures.js';
import { startFleet } from '../support/fleet.js';
import { startProcessForTest } from '../support/server-process.js';

// The cases that Centrifuge's recovery tells apart, by cursor. With two nodes who comes back does so to the other one.
test.each([1, 2] as const)('who comes back has all that was missed, or is told that it is not there, on %i node(s)', async (count) => {
  const fleet = await startFleet({ nodes: count });
  const returns = await resumeInEveryCase(fleet, await startProcessForTest());
  figures(`resume by cursor, ${count} node(s)`, {
    cases: Object.keys(returns).length,
    recovered: Object.values(returns).filter(({ recovered }) => recovered).length,
  });
  expect(returns).toEqual({
    'nothing was missed': { recovered: true, got: ['next'] },
    'something was missed': { recovered: true, got: ['3', '4', 'next'] },
    'too old: the beginning of what was missed is gone': { recovered: false, got: ['4', 'next'] },
    'too old: nothing is kept any more': { recovered: false, got: ['next'] },
    'nothing was missed, and nothing is kept any more': { recovered: true, got: ['next'] },
    'of another database': { recovered: false, got: ['1', '2', 'next'] },
    'of another user': { recovered: false, got: ['1', '2', 'next'] },
    'from the future': { recovered: false, got: ['1', '2', 'next'] },
    'none given, in a call': { recovered: true, got: ['1', '2', 'next'] },
    'none given, behind a call': { recovered: true, got: [] },
    'events arrive during the replay': { recovered: true, got: [...manySignals, ...meanwhile] },
    'the position jumps over events of another device': { recovered: true, got: ['Ready', 'ENDED'] },
    malformed: { recovered: false, got: ['BAD_INPUT after'] },
    'the database was restored, and ends before the cursor': { recovered: false, got: ['1', '2', 'next'] },
    'the database was restored, and has grown past the cursor since': { recovered: false, got: ['1', '2', '5', '6', '7', 'next'] },
  });
});
