import { sqlFunction } from '../db/sql-function.js';

/**
 * The setting of a session in which changes of calls are written to the outbox: a node with a WEBHOOK_URL has it in each
 * of its sessions, another one in none. So the functions need no argument for it and read no table, and nodes of which
 * only some have one get along.
 */
export const webhooksSetting = 'switchboard.webhooks';

/** Whether this session writes to the outbox, in SQL. */
export const webhooksAreOn = `current_setting('${webhooksSetting}', true) = 'on'`;

/**
 * Writes what happened to a call to the outbox, with the call as it is then: in the transaction of the change, so that
 * there is the one exactly where there is the other.
 *
 * The caller holds the heads of both parties, so the events of one call get their `seq` in the order in which they
 * happened, and none becomes visible before an earlier one. Takes no lock.
 */
export const writeWebhook = sqlFunction(
  'write_webhook',
  `(p_call call, p_kind event_kind)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO webhook_outbox (id, call_id, caller_id, callee_id, media, kind, status, end_reason, ring_expires_at, happened_at, next_try_at)
  VALUES (
    gen_random_uuid(), p_call.id, p_call.caller_id, p_call.callee_id, p_call.media, p_kind, p_call.status, p_call.end_reason, p_call.ring_expires_at,
    CASE p_kind WHEN 'CREATED' THEN p_call.created_at WHEN 'RINGING' THEN p_call.ringing_at WHEN 'ANSWERED' THEN p_call.answered_at ELSE p_call.ended_at END,
    clock_timestamp());
END $$`,
);
