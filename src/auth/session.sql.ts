import type { Statement } from '../db/database.js';

const device = `
  id, user_id AS "userId", name,
  (extract(epoch FROM created_at) * 1000)::float8 AS "createdAtMs",
  (extract(epoch FROM last_seen_at) * 1000)::float8 AS "lastSeenAtMs"`;

/** An account, its head of the inbox and its first device, all or nothing. The head is written here and by the functions of the inbox only. */
export const registerStatement: Statement = {
  name: 'session-register',
  text: `
    WITH account AS (
      INSERT INTO account (id, username, username_key, display_name, display_name_key, password_hash)
      VALUES ($1, $2, $3, $4, $5, $6)
      RETURNING created_at
    ), head AS (
      INSERT INTO inbox_head (user_id, seq, at, replay_seq)
      VALUES ($1, 0, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, NULL)
    ), device AS (
      INSERT INTO device (id, user_id, name, refresh_family_hash, refresh_hash, refresh_expires_at)
      VALUES ($7, $1, $8, $9, $10, now() + make_interval(days => $11))
      RETURNING *
    )
    SELECT ${device}, (SELECT (extract(epoch FROM created_at) * 1000)::float8 FROM account) AS "userCreatedAtMs" FROM device`,
};

/**
 * A device of a user whose password was found right; no row where it has been changed since it was read. The share lock
 * makes a change of the password wait for this device, or this device wait for the change: see `changePassword`.
 */
export const signInStatement: Statement = {
  name: 'session-sign-in',
  text: `
    INSERT INTO device (id, user_id, name, refresh_family_hash, refresh_hash, refresh_expires_at)
    SELECT $3::uuid, account.id, $4::text, $5::bytea, $6::bytea, now() + make_interval(days => $7)
    FROM account
    WHERE account.id = $1 AND account.password_hash = $2
    FOR SHARE OF account
    RETURNING ${device}`,
};

/**
 * Decides about a refresh token, under the lock of its device's row: of two at once the second is decided by what the
 * first has left.
 *
 * - The current token: a new secret, made with the given salt.
 * - The previous one, within 20 seconds of the rotation: nothing changes, the salt that comes back makes the same secret.
 *   The time counts from the rotation, so retries do not lengthen it.
 * - Any other of the family: used twice, so one of the two users is a thief. The device is revoked.
 * - No row: an unknown family, a device that is revoked, or one that was not renewed in time.
 */
export const renewStatement: Statement = {
  name: 'session-renew',
  text: `
    UPDATE device SET
      refresh_hash = CASE WHEN refresh_hash = $2 THEN $3 ELSE refresh_hash END,
      previous_refresh_hash = CASE WHEN refresh_hash = $2 THEN refresh_hash ELSE previous_refresh_hash END,
      refresh_salt = CASE WHEN refresh_hash = $2 THEN $4 ELSE refresh_salt END,
      refreshed_at = CASE WHEN refresh_hash = $2 THEN now() ELSE refreshed_at END,
      refresh_expires_at = CASE WHEN refresh_hash = $2 THEN now() + make_interval(days => $5) ELSE refresh_expires_at END,
      last_seen_at = now(),
      revoked_at = CASE
        WHEN refresh_hash = $2 THEN NULL
        WHEN previous_refresh_hash = $2 AND refreshed_at > now() - interval '20 seconds' THEN NULL
        ELSE now()
      END
    WHERE refresh_family_hash = $1 AND revoked_at IS NULL AND refresh_expires_at > now()
    RETURNING ${device}, revoked_at IS NOT NULL AS reused, refresh_salt AS salt`,
};
