import { Migration } from '@mikro-orm/migrations';

/** What has happened to calls and is not told yet. A row goes when it is accepted or given up. */
export class Webhooks extends Migration {
  override up(): void {
    this.addSql(`
      CREATE TABLE webhook_outbox (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id uuid NOT NULL,
        call_id uuid NOT NULL,
        caller_id uuid NOT NULL,
        callee_id uuid NOT NULL,
        media call_media NOT NULL,
        kind event_kind NOT NULL,
        status call_status NOT NULL,
        end_reason end_reason,
        ring_expires_at timestamptz(3) NOT NULL,
        happened_at timestamptz(3) NOT NULL,
        tries int NOT NULL DEFAULT 0,
        next_try_at timestamptz NOT NULL
      )`);
    this.addSql('CREATE INDEX webhook_outbox_of_call ON webhook_outbox (call_id, seq)');
    this.addSql('CREATE INDEX webhook_outbox_due ON webhook_outbox (next_try_at)');
  }
}
