import { sqlFunction } from '../db/sql-function.js';
import { answerCall, noteLife, tellBoth } from './call-steps.sql.js';

/**
 * Decides the whole of `createCall` under the heads of both, in this order:
 *
 * - `missing`   there is no such callee
 * - `known`     the caller used the key within a day for the same request: its call · `key-reused` for another request
 * - `expired`   one of the two is in a call that has rung out: `call` is that one; end it (a third party's head may not be
 *               locked late) and ask again
 * - `glare`     the callee is calling the caller at this moment: that call is answered by the asking device
 * - `in-call`   the caller is in a call already: `call` is that one, nothing is created
 * - `blocked`   the caller has blocked the callee
 * - `busy`      the callee is in a call: the new one is created and ended in one
 * - `created`
 *
 * Where the callee has blocked the caller, busy is not looked at: the call is created hidden. It is the caller's alone:
 * the callee has no part in it, is not kept busy by it, and is told nothing. Glare is looked at all the same: a call that
 * rang before the block goes on, and to refuse its answer would tell of the block.
 *
 * Of two that ask at once the first to hold the heads is decided first; the second decides on what the first left.
 */
export const createCall = sqlFunction(
  'create_call',
  `(p_id uuid, p_caller uuid, p_device uuid, p_callee uuid, p_media call_media, p_metadata text, p_ring_seconds int, p_key text, p_request text, p_slot_us bigint,
  OUT outcome text, OUT call call, OUT events jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  v_heads int;
  v_key call_key;
  v_now timestamptz(3);
  v_hidden boolean;
  v_done record;
BEGIN
  PERFORM 1 FROM inbox_head WHERE user_id IN (p_caller, p_callee) ORDER BY user_id FOR UPDATE;
  GET DIAGNOSTICS v_heads = ROW_COUNT;
  v_now := clock_timestamp();

  IF p_key IS NOT NULL THEN
    SELECT * INTO v_key FROM call_key k WHERE k.user_id = p_caller AND k.key = p_key AND k.created_at > v_now - interval '24 hours';
    IF FOUND THEN
      outcome := CASE WHEN v_key.request = p_request THEN 'known' ELSE 'key-reused' END;
      SELECT * INTO call FROM call c WHERE c.id = v_key.call_id;
      RETURN;
    END IF;
  END IF;
  IF v_heads < 2 THEN outcome := 'missing'; RETURN; END IF;

  IF EXISTS (SELECT 1 FROM user_block b WHERE b.user_id = p_caller AND b.blocked_id = p_callee) THEN outcome := 'blocked'; RETURN; END IF;
  v_hidden := EXISTS (SELECT 1 FROM user_block b WHERE b.user_id = p_callee AND b.blocked_id = p_caller);

  SELECT c.* INTO call FROM live_call l JOIN call c ON c.id = l.call_id
  WHERE l.user_id IN (p_caller, p_callee) AND c.status < 'ACTIVE' AND c.ring_expires_at <= v_now LIMIT 1;
  IF FOUND THEN outcome := 'expired'; RETURN; END IF;

  SELECT c.* INTO call FROM live_call l JOIN call c ON c.id = l.call_id WHERE l.user_id = p_caller;
  IF FOUND AND call.caller_id = p_callee AND call.status < 'ACTIVE' THEN
    outcome := 'glare';
    SELECT * INTO v_done FROM ${answerCall.name}(call.id, p_caller, p_device, p_slot_us);
    call := v_done.call; events := v_done.events;
  ELSIF call.id IS NOT NULL THEN
    outcome := 'in-call';
    RETURN;
  ELSE
    INSERT INTO call AS c (id, caller_id, callee_id, caller_device_id, media, metadata, status, hidden, created_at, ring_expires_at)
    VALUES (p_id, p_caller, p_callee, p_device, p_media, p_metadata, 'CREATED', v_hidden, v_now, v_now + make_interval(secs => p_ring_seconds))
    RETURNING c.* INTO call;
    IF NOT v_hidden AND EXISTS (SELECT 1 FROM live_call l WHERE l.user_id = p_callee) THEN
      outcome := 'busy';
      PERFORM ${noteLife.name}(p_id, 'CREATED', p_caller, p_device, NULL);
      UPDATE call c SET status = 'ENDED', end_reason = 'BUSY', ended_at = v_now WHERE c.id = p_id RETURNING c.* INTO call;
      events := ${tellBoth.name}(call, 'ENDED', NULL, NULL, NULL, p_slot_us);
    ELSE
      outcome := 'created';
      INSERT INTO live_call (user_id, call_id) SELECT u, p_id FROM unnest(ARRAY[p_caller, p_callee]) AS u WHERE u = p_caller OR NOT v_hidden;
      UPDATE inbox_head SET replay_seq = seq WHERE user_id = p_caller OR user_id = p_callee AND NOT v_hidden;
      events := ${tellBoth.name}(call, 'CREATED', p_caller, p_device, NULL, p_slot_us);
    END IF;
  END IF;

  IF p_key IS NOT NULL THEN
    INSERT INTO call_key (user_id, key, call_id, request, created_at) VALUES (p_caller, p_key, call.id, p_request, v_now)
    ON CONFLICT (user_id, key) DO UPDATE SET call_id = EXCLUDED.call_id, request = EXCLUDED.request, created_at = EXCLUDED.created_at;
  END IF;
END $$`,
);
