import { sqlFunction } from '../db/sql-function.js';
import { finishCall, holdCall, tellBoth } from './call-steps.sql.js';

/** Ends a call that has rung out by the database's clock, once, whoever asks. Nothing where it was answered, ended, or is not due. */
export const expireCall = sqlFunction(
  'expire_call',
  `(p_call uuid, p_slot_us bigint, OUT call call, OUT events jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  v_done record;
BEGIN
  call := ${holdCall.name}(p_call, NULL);
  IF call.status < 'ACTIVE' AND call.ring_expires_at <= clock_timestamp() THEN
    SELECT * INTO v_done FROM ${finishCall.name}(p_call, 'NO_ANSWER', NULL, NULL, NULL, p_slot_us);
    call := v_done.call; events := v_done.events;
  END IF;
END $$`,
);

/** Ends a call that has not ended, as TERMINATED, by the server: its device was revoked. */
export const terminateCall = sqlFunction(
  'terminate_call',
  `(p_call uuid, p_detail text, p_slot_us bigint, OUT call call, OUT events jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  v_done record;
BEGIN
  call := ${holdCall.name}(p_call, NULL);
  IF call.status < 'ENDED' THEN
    SELECT * INTO v_done FROM ${finishCall.name}(p_call, 'TERMINATED', NULL, NULL, p_detail, p_slot_us);
    call := v_done.call; events := v_done.events;
  END IF;
END $$`,
);

/** CREATED becomes RINGING when the first device of the callee has it. Nothing where it rang before, was answered, or is over. */
export const ringCall = sqlFunction(
  'ring_call',
  `(p_call uuid, p_callee uuid, p_device uuid, p_slot_us bigint, OUT call call, OUT events jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  -- Looked at first without a lock: every device that receives it asks, and one of them changes something.
  IF NOT EXISTS (SELECT 1 FROM call c WHERE c.id = p_call AND c.callee_id = p_callee AND c.status = 'CREATED') THEN RETURN; END IF;
  call := ${holdCall.name}(p_call, p_callee);
  UPDATE call c SET status = 'RINGING', ringing_at = clock_timestamp()
  WHERE c.id = p_call AND c.status = 'CREATED' AND c.ring_expires_at > clock_timestamp() RETURNING c.* INTO call;
  IF FOUND THEN events := ${tellBoth.name}(call, 'RINGING', p_callee, p_device, NULL, p_slot_us); END IF;
END $$`,
);
