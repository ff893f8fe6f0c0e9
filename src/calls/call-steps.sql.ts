import { sqlFunction } from '../db/sql-function.js';
import { appendEvent } from '../inbox/inbox.js';
import { webhooksAreOn, writeWebhook } from '../webhooks/write-webhook.sql.js';

/*
 * The steps that the functions of this folder share. All but hold_call expect the heads of both parties to be held by
 * their caller and lock nothing themselves.
 */

/**
 * The call as it stands under the heads of both parties, which are held from here to the end of the transaction; a null
 * row where there is none, or where `p_user` is given and no party: the callee of a hidden call is none. Parties never
 * change, nor does hiding, so they are read before the lock.
 */
export const holdCall = sqlFunction(
  'hold_call',
  `(p_call uuid, p_user uuid, OUT call call)
LANGUAGE plpgsql AS $$
BEGIN
  SELECT * INTO call FROM call c WHERE c.id = p_call AND (p_user IS NULL OR p_user = c.caller_id OR p_user = c.callee_id AND NOT c.hidden);
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM 1 FROM inbox_head WHERE user_id IN (call.caller_id, call.callee_id) ORDER BY user_id FOR UPDATE;
  SELECT * INTO call FROM call c WHERE c.id = p_call;
END $$`,
);

/** The life of the call in its timeline (side 0); signals are written beside, by direction (1 the caller's, 2 the callee's). */
export const noteLife = sqlFunction(
  'note_life',
  `(p_call uuid, p_kind event_kind, p_user uuid, p_device uuid, p_detail text)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO call_timeline (call_id, side, n, at, kind, user_id, device_id, detail)
  SELECT p_call, 0, coalesce(max(n), 0) + 1, clock_timestamp(), p_kind, p_user, p_device, p_detail
  FROM call_timeline WHERE call_id = p_call AND side = 0
$$`,
);

/**
 * Tells both parties of a change, all their devices: the timeline entry and one event each; of a hidden call the caller
 * alone. Where this node has webhooks it is noted for them too, but for a hidden call, of which nobody else is told. Returns the events.
 */
export const tellBoth = sqlFunction(
  'tell_both',
  `(p_call call, p_kind event_kind, p_user uuid, p_device uuid, p_detail text, p_slot_us bigint)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${noteLife.name}(p_call.id, p_kind, p_user, p_device, p_detail);
  IF ${webhooksAreOn} AND NOT p_call.hidden THEN PERFORM ${writeWebhook.name}(p_call, p_kind); END IF;
  RETURN jsonb_build_array(${appendEvent.name}(p_call.caller_id, NULL, p_call.id, p_kind, p_user, p_device, NULL, NULL, p_slot_us))
    || CASE WHEN p_call.hidden THEN '[]' ELSE
      jsonb_build_array(${appendEvent.name}(p_call.callee_id, NULL, p_call.id, p_kind, p_user, p_device, NULL, NULL, p_slot_us)) END;
END $$`,
);

/** Answers a ringing call for one device of the callee. Returns the call as it is then, and the events. */
export const answerCall = sqlFunction(
  'answer_call',
  `(p_call uuid, p_user uuid, p_device uuid, p_slot_us bigint, OUT call call, OUT events jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE call c SET status = 'ACTIVE', answered_at = clock_timestamp(), callee_device_id = p_device
  WHERE c.id = p_call RETURNING c.* INTO call;
  events := ${tellBoth.name}(call, 'ANSWERED', p_user, p_device, NULL, p_slot_us);
END $$`,
);

/** Ends a call that has not ended and frees both parties. `p_by` null: by the server. */
export const finishCall = sqlFunction(
  'finish_call',
  `(p_call uuid, p_reason end_reason, p_by uuid, p_device uuid, p_detail text, p_slot_us bigint, OUT call call, OUT events jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE call c SET status = 'ENDED', end_reason = p_reason, ended_by_id = p_by, ended_at = clock_timestamp()
  WHERE c.id = p_call RETURNING c.* INTO call;
  DELETE FROM live_call l WHERE l.call_id = p_call AND l.user_id IN (call.caller_id, call.callee_id);
  events := ${tellBoth.name}(call, 'ENDED', p_by, p_device, p_detail, p_slot_us);
  UPDATE inbox_head SET replay_seq = NULL WHERE user_id = call.caller_id OR user_id = call.callee_id AND NOT call.hidden;
END $$`,
);

export const callSteps = [holdCall, noteLife, tellBoth, answerCall, finishCall];
