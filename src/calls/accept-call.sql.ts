import { sqlFunction } from '../db/sql-function.js';
import { appendEvent } from '../inbox/inbox.js';
import { answerCall, finishCall, holdCall } from './call-steps.sql.js';

/**
 * Answers a call for one device of the callee, by `acceptCall` or by an ANSWER that comes with it (`p_answer_id` not null).
 *
 * - `missing`     no such call for this user
 * - `duplicate`   the ANSWER's key was seen before with this payload · `key-reused` with another
 * - `accepted`    this device has it now; the ANSWER, if any, follows the change in the caller's inbox
 * - `accepted-before`  this device had it; the ANSWER, if any, is passed on
 * - `conflict`    somebody else answered, it is over, it rang out (then it is ended here), or the caller asked
 *
 * Of two devices that ask at once the first to hold the heads wins; the other reads `conflict`.
 */
export const acceptCall = sqlFunction(
  'accept_call',
  `(p_call uuid, p_user uuid, p_device uuid, p_answer_id uuid, p_answer text, p_slot_us bigint, OUT outcome text, OUT call call, OUT events jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  v_seen record;
  v_done record;
BEGIN
  call := ${holdCall.name}(p_call, p_user);
  IF call.id IS NULL THEN outcome := 'missing'; RETURN; END IF;

  IF p_answer_id IS NOT NULL THEN
    SELECT i.kind, i.body INTO v_seen FROM inbox i WHERE i.id = p_answer_id AND i.user_id = call.caller_id LIMIT 1;
    IF FOUND THEN
      outcome := CASE WHEN v_seen.kind = 'ANSWER' AND v_seen.body = p_answer THEN 'duplicate' ELSE 'key-reused' END;
      RETURN;
    END IF;
  END IF;

  IF call.callee_id <> p_user OR call.status = 'ENDED' THEN
    outcome := 'conflict';
    RETURN;
  ELSIF call.status = 'ACTIVE' THEN
    outcome := CASE WHEN call.callee_device_id = p_device THEN 'accepted-before' ELSE 'conflict' END;
    events := '[]';
  ELSIF call.ring_expires_at <= clock_timestamp() THEN
    SELECT * INTO v_done FROM ${finishCall.name}(p_call, 'NO_ANSWER', NULL, NULL, NULL, p_slot_us);
    call := v_done.call; events := v_done.events;
    outcome := 'conflict';
  ELSE
    SELECT * INTO v_done FROM ${answerCall.name}(p_call, p_user, p_device, p_slot_us);
    call := v_done.call; events := v_done.events;
    outcome := 'accepted';
  END IF;

  IF p_answer_id IS NOT NULL AND outcome <> 'conflict' THEN
    events := events || ${appendEvent.name}(
      call.caller_id, call.caller_device_id, p_call, 'ANSWER', p_user, p_device, p_answer_id, p_answer, p_slot_us);
    INSERT INTO call_timeline (call_id, side, n, at, kind, user_id, device_id, bytes)
    SELECT p_call, 2, coalesce(max(n), 0) + 1, clock_timestamp(), 'ANSWER', p_user, p_device, octet_length(p_answer)
    FROM call_timeline WHERE call_id = p_call AND side = 2;
  END IF;
END $$`,
);
