import { finishCall } from '../calls/call-steps.sql.js';
import { sqlFunction } from '../db/sql-function.js';

/**
 * The calls that have not ended and that the user is a party of, one that is hidden from them included: its caller must
 * not be able to tell it from another. None rings for longer than three minutes.
 */
const liveCalls = `(
    SELECT c.* FROM live_call l JOIN call c ON c.id = l.call_id WHERE l.user_id = p_user
    UNION ALL
    SELECT c.* FROM call c
    WHERE c.callee_id = p_user AND c.hidden AND c.status < 'ENDED' AND c.created_at > clock_timestamp() - interval '10 minutes'
  )`;

const otherParty = 'CASE WHEN c.caller_id = p_user THEN c.callee_id ELSE c.caller_id END';

/**
 * Ends an account: its calls as TERMINATED, its sessions, its blocks and whatever else is its own. What stays is a stub
 * with the id, which the histories of others point to, and whose names are empty, whose hashes match nothing.
 *
 * - `deleted`           all of it, in one. A row for each call that it ended, with its events, and a last one with the
 *                       devices whose sessions were alive
 * - `gone`              there is no such account any more
 * - `password-differs`  it was changed since its hash was read
 * - `held`              somebody else is writing the account or one of its devices, or a call with a third party came in
 *                       between: nothing is done, ask again
 *
 * Locks the heads of the user and of whom they are in calls with, in order of id; so a call that is placed or answered
 * at the same time is either ended here or finds that there is no such user, and whoever calls again and again cannot
 * keep an account alive. Parties are read before the lock, as in hold_call; that a call has come from somebody else
 * meanwhile is seen under it. Under the heads it waits for nothing: rows of others' kind of lock are passed over, and
 * asked for again from outside (`held`) where they are needed. The other rows it passes over are being deleted already.
 *
 * The account is locked before its devices are read: a login that was let in has left its device, and a later one finds
 * that the password is none. The head goes, so that no function of the calls finds the user; rows of the inbox are left
 * to the retention. Of two deletions at once the second reads `gone`.
 */
export const deleteAccount = sqlFunction(
  'delete_account',
  `(p_user uuid, p_password_hash text, p_slot_us bigint)
RETURNS TABLE (outcome text, device_ids text[], call call, events jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  v_known uuid[] := ARRAY(SELECT ${otherParty} FROM ${liveCalls} c);
  v_account account;
  v_call call;
  v_done record;
  v_held int;
BEGIN
  PERFORM 1 FROM inbox_head h WHERE h.user_id = ANY (v_known || p_user) ORDER BY h.user_id FOR UPDATE;

  SELECT a.* INTO v_account FROM account a WHERE a.id = p_user FOR UPDATE SKIP LOCKED;
  PERFORM 1 FROM device d WHERE d.user_id = p_user FOR UPDATE SKIP LOCKED;
  GET DIAGNOSTICS v_held = ROW_COUNT;
  outcome := CASE
    WHEN v_account.id IS NULL THEN 'held'
    WHEN v_account.deleted_at IS NOT NULL THEN 'gone'
    WHEN v_account.password_hash <> p_password_hash THEN 'password-differs'
    WHEN v_held < (SELECT count(*) FROM device d WHERE d.user_id = p_user) THEN 'held'
    WHEN EXISTS (SELECT 1 FROM ${liveCalls} c WHERE ${otherParty} <> ALL (v_known)) THEN 'held'
    ELSE 'deleted'
  END;
  IF outcome <> 'deleted' THEN RETURN NEXT; RETURN; END IF;

  FOR v_call IN SELECT c.* FROM ${liveCalls} c LOOP
    SELECT * INTO v_done FROM ${finishCall.name}(v_call.id, 'TERMINATED', NULL, NULL, 'account deleted', p_slot_us);
    call := v_done.call; events := v_done.events;
    RETURN NEXT;
  END LOOP;
  call := NULL; events := NULL;

  device_ids := ARRAY(SELECT d.id FROM device d WHERE d.user_id = p_user AND d.revoked_at IS NULL);
  -- Sixteen bytes are the hash of nothing, and differ from one another.
  UPDATE device d SET revoked_at = coalesce(d.revoked_at, now()), name = '', refresh_family_hash = uuid_send(d.id), refresh_hash = '',
    previous_refresh_hash = NULL, refresh_salt = NULL
  WHERE d.user_id = p_user;

  DELETE FROM user_block b USING (
    SELECT o.user_id, o.blocked_id FROM user_block o WHERE o.user_id = p_user OR o.blocked_id = p_user FOR UPDATE SKIP LOCKED
  ) own WHERE b.user_id = own.user_id AND b.blocked_id = own.blocked_id;
  DELETE FROM call_key k USING (SELECT o.key FROM call_key o WHERE o.user_id = p_user FOR UPDATE SKIP LOCKED) own
  WHERE k.user_id = p_user AND k.key = own.key;
  DELETE FROM device_presence p USING (
    SELECT o.device_id, o.node_id FROM device_presence o WHERE o.user_id = p_user FOR UPDATE SKIP LOCKED
  ) own WHERE p.device_id = own.device_id AND p.node_id = own.node_id;
  DELETE FROM seen_marker m WHERE m.user_id = p_user;

  -- The key begins with a space: no username does, and no search, which is asked for without the white space around it.
  UPDATE account a SET deleted_at = clock_timestamp(), username = '', username_key = ' ' || a.id, display_name = 'Deleted user', display_name_key = '',
    password_hash = ''
  WHERE a.id = p_user;
  DELETE FROM inbox_head h WHERE h.user_id = p_user;
  RETURN NEXT;
END $$`,
);
