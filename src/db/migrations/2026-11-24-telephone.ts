import { Migration } from '@mikro-orm/migrations';

/** Nodes and who is connected to them, blocked users, hidden calls, and how far a user has seen the missed ones. */
export class Telephone extends Migration {
  override up(): void {
    this.addSql(`
      CREATE TABLE node_lease (
        node_id uuid PRIMARY KEY,
        held_since timestamptz(3) NOT NULL,
        renewed_at timestamptz(3) NOT NULL
      ) WITH (fillfactor = 50)`);
    this.addSql(`
      CREATE TABLE device_presence (
        device_id uuid NOT NULL,
        node_id uuid NOT NULL,
        user_id uuid NOT NULL,
        PRIMARY KEY (device_id, node_id)
      )`);
    this.addSql('CREATE INDEX device_presence_user ON device_presence (user_id)');
    this.addSql('CREATE INDEX device_presence_node ON device_presence (node_id)');

    this.addSql(`
      CREATE TABLE user_block (
        user_id uuid NOT NULL,
        blocked_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, blocked_id)
      )`);
    this.addSql('CREATE INDEX user_block_by_blocked ON user_block (blocked_id, user_id)');

    this.addSql('ALTER TABLE call ADD COLUMN hidden boolean NOT NULL DEFAULT false');
    this.addSql("CREATE INDEX call_active ON call (answered_at) WHERE status = 'ACTIVE'");
    this.addSql(
      "CREATE INDEX call_missed ON call (callee_id, created_at, id) WHERE end_reason IN ('NO_ANSWER', 'CANCELLED', 'BUSY') AND NOT hidden",
    );
    // Of both directions: the calls with somebody are those that I placed to them and those that they placed to me.
    this.addSql('CREATE INDEX call_by_pair ON call (caller_id, callee_id, created_at DESC, id DESC)');
    this.addSql('CREATE TABLE seen_marker (user_id uuid PRIMARY KEY, created_at timestamptz(3) NOT NULL, call_id uuid NOT NULL)');
  }
}
