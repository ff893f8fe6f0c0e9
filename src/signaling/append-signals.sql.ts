import { sqlFunction } from '../db/sql-function.js';

/** Timeline entries that one side of a call may leave; with the life of the call beside them a call has at most 1,000. */
const timelineEntriesPerSide = 490;

/**
 * Appends a batch of signals, each to the inbox of the other party of its call; the group commit's one statement.
 *
 * Locks the heads of all recipients in order of id, then decides in a new statement, so on what is committed. For each
 * signal, in the order given, the outcome is
 *
 * - `sent`        appended; recipient, seq, at and device (none: all devices) say where
 * - `duplicate`   the id is known with this kind and payload: nothing is appended · `key-reused` with another
 * - `missing`     no such call for this user
 * - `unanswered`  the callee's device has not answered: an ANSWER has to go by accept_call, the rest is refused
 * - `conflict`    the call is over, or another device of this user is in it; status and end reason say so
 *
 * The signals of a hidden call are kept for no device, so that their keys work as any other's. An id is looked up where
 * `p_look` says so (it came from a key, or the batch is sent again). No id stands twice in one batch. Payloads come as one
 * bytea, cut by their lengths in bytes.
 *
 * The answer is one text, a line a signal, with commas between those seven: a row each costs the driver several times as
 * much as the line.
 */
export const appendSignals = sqlFunction(
  'append_signals',
  `(p_ids uuid[], p_calls uuid[], p_users uuid[], p_devices uuid[], p_kinds event_kind[], p_look boolean[], p_lengths int[], p_bodies bytea, p_slot_us bigint)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  v_now bigint;
  v_answer text;
BEGIN
  PERFORM 1 FROM inbox_head h WHERE h.user_id IN (
    SELECT CASE WHEN c.caller_id = s.user_id THEN c.callee_id ELSE c.caller_id END
    FROM unnest(p_calls, p_users) AS s (call_id, user_id) JOIN call c ON c.id = s.call_id
    WHERE s.user_id IN (c.caller_id, c.callee_id)
  ) ORDER BY h.user_id FOR UPDATE;
  v_now := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

  WITH given AS (
    SELECT u.*, convert_from(substring(p_bodies FROM (sum(u.length) OVER (ORDER BY u.n) - u.length + 1)::int FOR u.length), 'UTF8') AS body
    FROM unnest(p_ids, p_calls, p_users, p_devices, p_kinds, p_look, p_lengths) WITH ORDINALITY
      AS u (id, call_id, user_id, device_id, kind, look, length, n)
  ), routed AS MATERIALIZED (
    SELECT g.*, c.status, c.end_reason, g.user_id = c.caller_id AS by_caller, r.recipient,
      CASE WHEN c.hidden THEN '00000000-0000-0000-0000-000000000000' WHEN g.user_id <> c.caller_id THEN c.caller_device_id WHEN c.status = 'ACTIVE' THEN c.callee_device_id END AS device,
      CASE
        WHEN c.id IS NULL THEN 'missing'
        WHEN seen.id IS NOT NULL THEN CASE WHEN seen.kind = g.kind AND seen.body = g.body THEN 'duplicate' ELSE 'key-reused' END
        WHEN c.status = 'ENDED' THEN 'conflict'
        WHEN g.user_id = c.caller_id THEN CASE WHEN g.device_id = c.caller_device_id THEN 'sent' ELSE 'conflict' END
        WHEN c.status < 'ACTIVE' THEN 'unanswered'
        WHEN g.device_id = c.callee_device_id THEN 'sent'
        ELSE 'conflict'
      END AS outcome
    FROM given g
    LEFT JOIN call c ON c.id = g.call_id AND (g.user_id = c.caller_id OR g.user_id = c.callee_id AND NOT c.hidden)
    CROSS JOIN LATERAL (SELECT CASE WHEN g.user_id = c.caller_id THEN c.callee_id ELSE c.caller_id END AS recipient) r
    LEFT JOIN LATERAL (SELECT i.id, i.kind, i.body FROM inbox i WHERE g.look AND i.id = g.id AND i.user_id = r.recipient LIMIT 1) seen ON true
  ), fresh AS MATERIALIZED (
    SELECT r.*, h.seq + row_number() OVER (PARTITION BY r.recipient ORDER BY r.n) AS seq, greatest(h.at, v_now) AS at,
      CASE WHEN row_number() OVER (PARTITION BY r.recipient ORDER BY r.n) = 1 THEN h.at ELSE greatest(h.at, v_now) END AS prev_at
    FROM routed r JOIN inbox_head h ON h.user_id = r.recipient
    WHERE r.outcome = 'sent'
  ), written AS (
    INSERT INTO inbox (slot, user_id, seq, at, prev_at, id, device_id, call_id, kind, from_user_id, from_device_id, body)
    SELECT (f.at / p_slot_us) % 6, f.recipient, f.seq, f.at, f.prev_at, f.id, f.device, f.call_id, f.kind, f.user_id, f.device_id, f.body
    FROM fresh f
  ), moved AS (
    UPDATE inbox_head h SET seq = f.seq, at = f.at
    FROM (SELECT fresh.recipient, max(fresh.seq) AS seq, max(fresh.at) AS at FROM fresh GROUP BY fresh.recipient) f
    WHERE h.user_id = f.recipient
  ), noted AS (
    INSERT INTO call_timeline (call_id, side, n, at, kind, user_id, device_id, bytes)
    SELECT * FROM (
      SELECT f.call_id, s.side, (coalesce(t.n, 0) + row_number() OVER (PARTITION BY f.call_id, s.side ORDER BY f.n))::int AS entry,
        clock_timestamp(), f.kind, f.user_id, f.device_id, f.length
      FROM fresh f
      CROSS JOIN LATERAL (SELECT CASE WHEN f.by_caller THEN 1 ELSE 2 END::smallint AS side) s
      LEFT JOIN LATERAL (
        SELECT e.n FROM call_timeline e WHERE e.call_id = f.call_id AND e.side = s.side ORDER BY e.n DESC LIMIT 1
      ) t ON true
    ) entries WHERE entry <= ${timelineEntriesPerSide}
  )
  SELECT string_agg(concat(r.outcome, ',', r.recipient, ',', f.seq, ',', f.at, ',', r.device, ',', r.status, ',', r.end_reason), E'\\n' ORDER BY r.n)
  INTO v_answer
  FROM routed r LEFT JOIN fresh f ON f.n = r.n;
  RETURN v_answer;
END $$`,
);
