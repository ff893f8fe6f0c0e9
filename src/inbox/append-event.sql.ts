import { sqlFunction } from '../db/sql-function.js';

/**
 * Appends one event to one inbox and returns the row as JSON, in the shape of `InboxEvent`.
 *
 * The caller holds the user's head (`SELECT … FOR UPDATE`) and read it in an earlier statement; that is what makes `seq`
 * dense. `at` never runs backwards, whatever the clock does. Takes no lock of its own. `p_id` null: a random id.
 */
export const appendEvent = sqlFunction(
  'append_event',
  `(p_user uuid, p_device uuid, p_call uuid, p_kind event_kind, p_from_user uuid, p_from_device uuid, p_id uuid, p_body text, p_slot_us bigint)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_head inbox_head;
  v_at bigint;
  v_id uuid := coalesce(p_id, gen_random_uuid());
BEGIN
  SELECT * INTO STRICT v_head FROM inbox_head WHERE user_id = p_user;
  v_at := greatest(v_head.at, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
  INSERT INTO inbox (slot, user_id, seq, at, prev_at, id, device_id, call_id, kind, from_user_id, from_device_id, body)
  VALUES ((v_at / p_slot_us) % 6, p_user, v_head.seq + 1, v_at, v_head.at, v_id, p_device, p_call, p_kind, p_from_user, p_from_device, p_body);
  UPDATE inbox_head SET seq = v_head.seq + 1, at = v_at WHERE user_id = p_user;
  RETURN jsonb_build_object(
    'userId', p_user, 'seq', v_head.seq + 1, 'at', v_at, 'id', v_id, 'deviceId', p_device, 'callId', p_call, 'kind', p_kind,
    'fromUserId', p_from_user, 'fromDeviceId', p_from_device, 'body', p_body);
END $$`,
);
