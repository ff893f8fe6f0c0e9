import { Migration } from '@mikro-orm/migrations';

/**
 * The signals of a call in its timeline: a row for what one side says in one commit, where it was a row for each. `n` is
 * the place of the last of them among those of this side, not without gaps; kinds and bytes are in the order of sending.
 */
export class TimelineSignals extends Migration {
  override up(): void {
    this.addSql(`
      CREATE TABLE call_timeline_signals (
        call_id uuid NOT NULL,
        side smallint NOT NULL,
        n int NOT NULL,
        at timestamptz NOT NULL,
        user_id uuid NOT NULL,
        device_id uuid NOT NULL,
        kinds event_kind[] NOT NULL,
        bytes int[] NOT NULL,
        PRIMARY KEY (call_id, side, n)
      )`);
  }
}
