import { Migration } from '@mikro-orm/migrations';

/**
 * An account that was deleted stays as a stub, for the histories of others name it by its id. The constraint keeps it
 * nameless whoever writes: a node of an older version does not know of `deleted_at`.
 */
export class DeletedAccounts extends Migration {
  override up(): void {
    // No row has been deleted yet, so there is nothing to validate.
    this.addSql(`
      ALTER TABLE account ADD COLUMN deleted_at timestamptz(3),
        ADD CONSTRAINT account_deleted_is_nameless CHECK (
          deleted_at IS NULL OR (username = '' AND display_name = 'Deleted user' AND display_name_key = '' AND password_hash = '')
        ) NOT VALID`);
  }
}
