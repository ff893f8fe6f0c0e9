import { sqlFunction } from '../db/sql-function.js';

/** Signals that one side of a call leaves in its timeline; with the life of the call beside them it has at most 1,000 entries. */
const timelineSignalsPerSide = 485;

/**
 * Appends a batch of signals, each to the inbox of the other party of its call; the group commit's one statement.
 *
 * What one device sends in one call is a lane: where it goes and whether it may go is decided once for all its signals,
 * which stand together. Locks the heads of all recipients in order of id, then decides in a new statement, so on what is
 * committed. The outcome of a lane is
 *
 * - `sent`        appended; recipient, device (none: all devices), the seq before its first signal and at say where
 * - `missing`     no such call for this user
 * - `unanswered`  the callee's device has not answered: an ANSWER has to go by accept_call, the rest is refused
 * - `conflict`    the call is over, or another device of this user is in it; status and end reason say so
 *
 * A signal whose id is known in the inbox it goes to is not looked at further; its outcome is
 *
 * - `duplicate`   it is there with this kind and payload · `key-reused` with another
 *
 * The signals of a hidden call are kept for no device, so that their keys work as any other's. An id is looked up where
 * `p_look` says so (it came from a key, or the batch is sent again). No id stands twice in one batch. Payloads come as one
 * bytea, with where each starts, from 1, and its length, in bytes.
 *
 * The answer is one text: a line for each lane, those seven with commas between them, then a line for each signal that
 * is known, with its place in the batch, from 1. A row each costs the driver several times as much as the line.
 *
 * Nothing here joins one array to another: Postgres takes each for ten rows, and compares all with all. What a signal
 * needs of its lane it reads from arrays. Its plans are made once a connection: to Postgres a batch of one looks worth a
 * plan of its own, each time, which takes longer than the batch (docs/decisions/0020).
 */
export const appendSignals = sqlFunction(
  'append_signals',
  `(p_calls uuid[], p_users uuid[], p_devices uuid[], p_counts int[],
  p_lanes int[], p_ids uuid[], p_kinds event_kind[], p_starts int[], p_lengths int[], p_look boolean[], p_bodies bytea, p_slot_us bigint)
RETURNS text
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now bigint;
  v_known text;
  v_seen int[];
  v_inboxes uuid[];
  v_to_devices uuid[];
  v_seqs bigint[];
  v_ats bigint[];
  v_prev_ats bigint[];
  v_befores int[];
  v_sides smallint[];
  v_noted int[];
  v_answer text;
BEGIN
  PERFORM 1 FROM inbox_head h WHERE h.user_id IN (
    SELECT CASE WHEN c.caller_id = l.user_id THEN c.callee_id ELSE c.caller_id END
    FROM unnest(p_calls, p_users) AS l (call_id, user_id) JOIN call c ON c.id = l.call_id
    WHERE l.user_id IN (c.caller_id, c.callee_id)
  ) ORDER BY h.user_id FOR UPDATE;
  v_now := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

  IF true = ANY (p_look) THEN
    SELECT string_agg(concat(s.n, ',', CASE WHEN s.is_same THEN 'duplicate' ELSE 'key-reused' END), E'\\n' ORDER BY s.n), array_agg(s.n)
    INTO v_known, v_seen
    FROM (
      SELECT DISTINCT ON (m.n) m.n,
        i.kind = p_kinds[m.n] AND i.body = convert_from(substring(p_bodies FROM p_starts[m.n] FOR p_lengths[m.n]), 'UTF8') AS is_same
      FROM inbox i
      CROSS JOIN LATERAL (SELECT array_position(p_ids, i.id) AS n) m
      JOIN call c ON c.id = p_calls[p_lanes[m.n]]
      WHERE i.id = ANY (ARRAY(SELECT u.id FROM unnest(p_ids, p_look) AS u (id, look) WHERE u.look))
        AND i.user_id = CASE p_users[p_lanes[m.n]] WHEN c.caller_id THEN c.callee_id WHEN CASE WHEN NOT c.hidden THEN c.callee_id END THEN c.caller_id END
    ) s;
    IF v_known IS NOT NULL THEN
      SELECT array_agg(p_lanes[n]), array_agg(p_ids[n]), array_agg(p_kinds[n]), array_agg(p_starts[n]), array_agg(p_lengths[n])
      INTO p_lanes, p_ids, p_kinds, p_starts, p_lengths FROM generate_series(1, cardinality(p_ids)) AS n WHERE n <> ALL (v_seen);
      p_counts := ARRAY(SELECT coalesce(cardinality(array_positions(p_lanes, n)), 0) FROM generate_series(1, cardinality(p_calls)) AS n);
    END IF;
  END IF;

  SELECT array_agg(l.inbox), array_agg(l.to_device), array_agg(l.seq), array_agg(l.at), array_agg(l.prev_at), array_agg(l.before), array_agg(l.side), array_agg(l.noted),
    string_agg(concat(l.outcome, ',', l.recipient, ',', l.seq, ',', l.at, ',', l.to_device, ',', l.status, ',', l.end_reason), E'\\n')
  INTO v_inboxes, v_to_devices, v_seqs, v_ats, v_prev_ats, v_befores, v_sides, v_noted, v_answer
  FROM (
    SELECT w.*, w.head_seq + w.ahead AS seq, greatest(w.head_at, v_now) AS at, CASE w.ahead WHEN 0 THEN w.head_at ELSE greatest(w.head_at, v_now) END AS prev_at,
      CASE WHEN NOT w.hidden THEN (w.head_seq + w.ahead - w.replay_seq)::int END AS noted
    FROM (
      SELECT l.n, c.status, c.end_reason, c.hidden, r.side, r.recipient, d.outcome, d.inbox, h.seq AS head_seq, h.at AS head_at, h.replay_seq,
        CASE WHEN c.hidden THEN '00000000-0000-0000-0000-000000000000' WHEN r.side = 2 THEN c.caller_device_id WHEN c.status = 'ACTIVE' THEN c.callee_device_id END AS to_device,
        sum(l.count) OVER (ORDER BY l.n) - l.count AS before,
        sum(l.count) OVER (PARTITION BY d.inbox ORDER BY l.n) - l.count AS ahead
      FROM unnest(p_calls, p_users, p_devices, p_counts) WITH ORDINALITY AS l (call_id, user_id, device_id, count, n)
      LEFT JOIN call c ON c.id = l.call_id AND (l.user_id = c.caller_id OR l.user_id = c.callee_id AND NOT c.hidden)
      CROSS JOIN LATERAL (
        SELECT CASE WHEN l.user_id = c.caller_id THEN 1 ELSE 2 END::smallint AS side, CASE WHEN l.user_id = c.caller_id THEN c.callee_id ELSE c.caller_id END AS recipient
      ) r
      LEFT JOIN inbox_head h ON h.user_id = r.recipient
      CROSS JOIN LATERAL (
        SELECT CASE
          WHEN c.id IS NULL THEN 'missing'
          WHEN c.status = 'ENDED' THEN 'conflict'
          WHEN r.side = 1 THEN CASE WHEN l.device_id = c.caller_device_id THEN 'sent' ELSE 'conflict' END
          WHEN c.status < 'ACTIVE' THEN 'unanswered'
          WHEN l.device_id = c.callee_device_id THEN 'sent'
          ELSE 'conflict'
        END AS outcome
      ) o
      CROSS JOIN LATERAL (SELECT o.outcome, CASE WHEN o.outcome = 'sent' THEN h.user_id END AS inbox) d
    ) w
    ORDER BY w.n
  ) l;

  WITH written AS (
    INSERT INTO inbox (slot, user_id, seq, at, prev_at, id, device_id, call_id, kind, from_user_id, from_device_id, body)
    SELECT (v_ats[s.lane] / p_slot_us) % 6, v_inboxes[s.lane], v_seqs[s.lane] + s.step, v_ats[s.lane], CASE s.step WHEN 1 THEN v_prev_ats[s.lane] ELSE v_ats[s.lane] END,
      s.id, v_to_devices[s.lane], p_calls[s.lane], s.kind, p_users[s.lane], p_devices[s.lane], convert_from(substring(p_bodies FROM s.start FOR s.length), 'UTF8')
    FROM (
      SELECT u.*, u.n - v_befores[u.lane] AS step
      FROM unnest(p_lanes, p_ids, p_kinds, p_starts, p_lengths) WITH ORDINALITY AS u (lane, id, kind, start, length, n)
      WHERE v_inboxes[u.lane] IS NOT NULL
    ) s
  ), noted AS (
    INSERT INTO call_timeline_signals (call_id, side, n, at, user_id, device_id, kinds, bytes)
    SELECT * FROM (
      SELECT l.call_id, l.side, l.count + coalesce(l.noted, (SELECT max(e.n) FROM call_timeline_signals e WHERE e.call_id = l.call_id AND e.side = l.side), 0) AS n,
        clock_timestamp(), l.user_id, l.device_id, p_kinds[l.before + 1 : l.before + l.count], p_lengths[l.before + 1 : l.before + l.count]
      FROM unnest(p_calls, p_users, p_devices, p_counts, v_inboxes, v_sides, v_befores, v_noted) AS l (call_id, user_id, device_id, count, inbox, side, before, noted)
      WHERE l.inbox IS NOT NULL AND l.count > 0
    ) entries WHERE n <= ${timelineSignalsPerSide}
  )
  UPDATE inbox_head h SET seq = h.seq + l.count, at = greatest(h.at, v_now)
  FROM (SELECT u.inbox, sum(u.count) AS count FROM unnest(v_inboxes, p_counts) AS u (inbox, count) WHERE u.count > 0 GROUP BY u.inbox) l
  WHERE h.user_id = l.inbox;

  RETURN concat_ws(E'\\n', v_answer, v_known);
END $$`,
);
