import { expect, test } from 'vitest';
import { acceptCall } from '../../src/calls/accept-call.sql.js';
import { callSteps } from '../../src/calls/call-steps.sql.js';
import { createCall } from '../../src/calls/create-call.sql.js';
import { endCall } from '../../src/calls/end-call.sql.js';
import { expireCall, ringCall } from '../../src/calls/server-steps.sql.js';
import type { SqlFunction } from '../../src/db/sql-function.js';
import { appendSignals } from '../../src/signaling/append-signals.sql.js';
import { figures, secondsSince } from '../support/figures.js';
import { chooseSeed, checkAgainstModel } from '../support/model-check.js';
import { plant, type Change } from '../support/plant.js';
import { startServerForTest } from '../support/server.js';

// A test that a broken server passes is no test: each of these is one mistake, and the stories have to come by it.

const mostStories = 400;

const step = (name: string): SqlFunction => callSteps.find((it) => it.name.startsWith(name))!;

const mistakes: Readonly<Record<string, readonly [SqlFunction, ...Change[]]>> = {
  "the callee's other devices are not told ANSWERED_ELSEWHERE": [
    step('tell_both'),
    ['(p_call.callee_id, NULL,', "(p_call.callee_id, CASE WHEN p_kind = 'ANSWERED' THEN p_device END,"],
  ],
  'a late decline on the tablet hangs up what the phone has answered': [
    endCall,
    [
      "ELSE 'otherDevice'",
      "WHEN p_user = call.callee_id AND coalesce(p_reason, 'DECLINED') = 'DECLINED' THEN 'calleeBeforeAnswer' ELSE 'otherDevice'",
    ],
  ],
  'a callee who is busy rings': [
    createCall,
    ['IF NOT v_hidden AND EXISTS (SELECT 1 FROM live_call l WHERE l.user_id = p_callee) THEN', 'IF false THEN'],
    ['u = p_caller OR NOT v_hidden;', 'u = p_caller OR NOT v_hidden ON CONFLICT DO NOTHING;'],
  ],
  'a key that is used twice makes two calls': [createCall, ['IF p_key IS NOT NULL THEN\n    SELECT', 'IF false THEN\n    SELECT']],
  'a signal goes to all devices after the answer': [appendSignals, ["WHEN c.status = 'ACTIVE' THEN c.callee_device_id END", 'END']],
  'the second accept wins': [
    acceptCall,
    ["ELSIF call.status = 'ACTIVE' THEN", "ELSIF call.status = 'ACTIVE' AND call.callee_device_id = p_device THEN"],
  ],
  'a second use of a key sends the signal again': [appendSignals, ['IF true = ANY (p_look) THEN', 'IF false THEN']],
  "the caller's other device sends signals too": [
    appendSignals,
    ["CASE WHEN l.device_id = c.caller_device_id THEN 'sent' ELSE 'conflict' END", "'sent'"],
  ],
  'two who call each other are refused': [createCall, ["call.caller_id = p_callee AND call.status < 'ACTIVE'", 'false']],
  'a blocked caller rings': [createCall, ['v_hidden := EXISTS', 'v_hidden := false AND EXISTS']],
  'a call rings again for each device that receives it': [
    ringCall,
    ["AND c.status = 'CREATED') THEN RETURN", "AND c.status < 'ACTIVE') THEN RETURN"],
    ["c.id = p_call AND c.status = 'CREATED'", "c.id = p_call AND c.status < 'ACTIVE'"],
  ],
  'a call that rang out was cancelled': [expireCall, ["'NO_ANSWER'", "'CANCELLED'"]],
  'the callee of a call that is over stays in it': [
    step('finish_call'),
    ['l.user_id IN (call.caller_id, call.callee_id)', 'l.user_id = call.caller_id'],
  ],
  'whoever comes without a cursor starts behind the call': [
    createCall,
    ['UPDATE inbox_head SET replay_seq = seq', 'UPDATE inbox_head SET replay_seq = seq + 1'],
  ],
};

test.for(Object.entries(mistakes))('%s: found', async ([mistake, [wrong, ...changes]]) => {
  const server = await startServerForTest();
  await plant(server, wrong, changes);
  const seed = chooseSeed();
  const startedAt = performance.now();
  const { fault, played } = await checkAgainstModel(server, { seed, lanes: 4, stories: mostStories, shrink: false });
  figures(`planted: ${mistake}`, {
    seed,
    stories: played,
    took: secondsSince(startedAt),
    found: fault?.split('\n').slice(-3).join(' ') ?? 'nothing',
  });
  expect(fault).not.toBeNull();
});
