import { Migration } from '@mikro-orm/migrations';

/** Accounts and devices, calls and their timeline, one inbox per user as a ring of six partitions. */
export class Foundation extends Migration {
  override up(): void {
    this.addSql(`
      CREATE TABLE account (
        id uuid PRIMARY KEY,
        username text NOT NULL,
        username_key text NOT NULL UNIQUE,
        display_name text NOT NULL,
        display_name_key text NOT NULL,
        password_hash text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    this.addSql('CREATE INDEX account_username_prefix ON account (username_key text_pattern_ops)');
    this.addSql('CREATE INDEX account_display_name_prefix ON account (display_name_key text_pattern_ops)');

    this.addSql(`
      CREATE TABLE device (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES account,
        name text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        last_seen_at timestamptz(3) NOT NULL DEFAULT now(),
        revoked_at timestamptz(3),
        refresh_family_hash bytea NOT NULL UNIQUE,
        refresh_hash bytea NOT NULL,
        previous_refresh_hash bytea,
        refresh_salt bytea,
        refreshed_at timestamptz(3) NOT NULL DEFAULT now(),
        refresh_expires_at timestamptz(3) NOT NULL
      )`);
    this.addSql('CREATE INDEX device_user ON device (user_id)');
    this.addSql('CREATE INDEX device_revoked ON device (revoked_at) WHERE revoked_at IS NOT NULL');

    this.addSql("CREATE TYPE call_status AS ENUM ('CREATED', 'RINGING', 'ACTIVE', 'ENDED')");
    this.addSql("CREATE TYPE call_media AS ENUM ('AUDIO', 'VIDEO', 'DATA')");
    this.addSql(
      "CREATE TYPE end_reason AS ENUM ('HUNG_UP', 'CANCELLED', 'DECLINED', 'BUSY', 'NO_ANSWER', 'MEDIA_FAILED', 'SIGNALING_LOST', 'TERMINATED')",
    );
    this.addSql(
      "CREATE TYPE event_kind AS ENUM ('OFFER', 'ANSWER', 'ICE_CANDIDATE', 'CUSTOM', 'CREATED', 'RINGING', 'ANSWERED', 'ENDED', 'SIGNALING_DOWN', 'SIGNALING_UP')",
    );

    // No foreign keys on what is written under the heads: a foreign key takes a second kind of lock.
    this.addSql(`
      CREATE TABLE call (
        id uuid PRIMARY KEY,
        caller_id uuid NOT NULL,
        callee_id uuid NOT NULL,
        caller_device_id uuid NOT NULL,
        callee_device_id uuid,
        media call_media NOT NULL,
        metadata text,
        status call_status NOT NULL,
        end_reason end_reason,
        ended_by_id uuid,
        created_at timestamptz(3) NOT NULL,
        ring_expires_at timestamptz(3) NOT NULL,
        ringing_at timestamptz(3),
        answered_at timestamptz(3),
        ended_at timestamptz(3)
      ) WITH (fillfactor = 80)`);
    this.addSql('CREATE INDEX call_by_caller ON call (caller_id, created_at DESC, id DESC)');
    this.addSql('CREATE INDEX call_by_callee ON call (callee_id, created_at DESC, id DESC)');
    this.addSql("CREATE INDEX call_ringing ON call (ring_expires_at) WHERE status < 'ACTIVE'");
    this.addSql('CREATE TABLE live_call (user_id uuid PRIMARY KEY, call_id uuid NOT NULL)');
    this.addSql(`
      CREATE TABLE call_key (
        user_id uuid NOT NULL,
        key text NOT NULL,
        call_id uuid NOT NULL,
        request text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        PRIMARY KEY (user_id, key)
      )`);
    this.addSql('CREATE INDEX call_key_age ON call_key (created_at)');
    this.addSql(`
      CREATE TABLE call_timeline (
        call_id uuid NOT NULL,
        side smallint NOT NULL,
        n int NOT NULL,
        at timestamptz NOT NULL,
        kind event_kind NOT NULL,
        user_id uuid,
        device_id uuid,
        bytes int,
        detail text,
        PRIMARY KEY (call_id, side, n)
      )`);

    this.addSql(
      'CREATE TABLE inbox_head (user_id uuid PRIMARY KEY, seq bigint NOT NULL, at bigint NOT NULL, replay_seq bigint) WITH (fillfactor = 50)',
    );
    this.addSql(`
      CREATE TABLE inbox (
        slot smallint NOT NULL,
        user_id uuid NOT NULL,
        seq bigint NOT NULL,
        at bigint NOT NULL,
        prev_at bigint NOT NULL,
        id uuid NOT NULL,
        device_id uuid,
        call_id uuid NOT NULL,
        kind event_kind NOT NULL,
        from_user_id uuid,
        from_device_id uuid,
        body text
      ) PARTITION BY LIST (slot)`);
    this.addSql('ALTER TABLE inbox ALTER COLUMN body SET STORAGE EXTERNAL');
    for (let slot = 0; slot < 6; slot += 1) this.addSql(`CREATE TABLE inbox_${slot} PARTITION OF inbox FOR VALUES IN (${slot})`);
    this.addSql('CREATE INDEX inbox_position ON inbox (user_id, seq)');
    this.addSql('CREATE INDEX inbox_id ON inbox (id)');
  }
}
