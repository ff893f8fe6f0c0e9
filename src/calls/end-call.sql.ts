import { sqlFunction } from '../db/sql-function.js';
import { endings, type Ending } from './call-status.js';
import { finishCall, holdCall } from './call-steps.sql.js';

/** The table of call-status.ts as SQL, so that the rule stands once. */
const endingCases = (Object.keys(endings) as Ending[])
  .map((ending) => {
    const { allowed, meant } = endings[ending];
    return `WHEN '${ending}' THEN
      allowed := ARRAY[${allowed.map((reason) => `'${reason}'`).join(', ')}];
      v_meant := ${meant === null ? 'NULL' : `'${meant}'`};`;
  })
  .join('\n    ');

/**
 * Ends a call for a party. `p_reason` null: what is meant by who asks and when (call-status.ts).
 *
 * - `missing`       no such call for this user
 * - `ended-before`  it was over: unchanged, whatever reason was given
 * - `ended`
 * - `conflict`      the reason does not fit; `allowed` holds those that do
 *
 * A call that rang out before it was asked for ends as NO_ANSWER, `ended-before`: the sweep was merely late.
 */
export const endCall = sqlFunction(
  'end_call',
  `(p_call uuid, p_user uuid, p_device uuid, p_reason end_reason, p_detail text, p_slot_us bigint,
  OUT outcome text, OUT call call, OUT events jsonb, OUT allowed end_reason[])
LANGUAGE plpgsql AS $$
DECLARE
  v_ending text;
  v_meant end_reason;
  v_done record;
BEGIN
  call := ${holdCall.name}(p_call, p_user);
  IF call.id IS NULL THEN outcome := 'missing'; RETURN; END IF;
  IF call.status = 'ENDED' THEN outcome := 'ended-before'; RETURN; END IF;

  IF call.status < 'ACTIVE' AND call.ring_expires_at <= clock_timestamp() THEN
    SELECT * INTO v_done FROM ${finishCall.name}(p_call, 'NO_ANSWER', NULL, NULL, NULL, p_slot_us);
    call := v_done.call; events := v_done.events;
    outcome := 'ended-before';
    RETURN;
  END IF;

  v_ending := CASE
    WHEN call.status < 'ACTIVE' AND p_user = call.caller_id THEN 'callerBeforeAnswer'
    WHEN call.status < 'ACTIVE' THEN 'calleeBeforeAnswer'
    WHEN p_device IN (call.caller_device_id, call.callee_device_id) THEN 'deviceInCall'
    ELSE 'otherDevice'
  END;
  CASE v_ending
    ${endingCases}
  END CASE;
  IF coalesce(p_reason, v_meant) = ANY (allowed) THEN
    SELECT * INTO v_done FROM ${finishCall.name}(p_call, coalesce(p_reason, v_meant), p_user, p_device, p_detail, p_slot_us);
    call := v_done.call; events := v_done.events;
    outcome := 'ended';
  ELSE
    outcome := 'conflict';
  END IF;
END $$`,
);
