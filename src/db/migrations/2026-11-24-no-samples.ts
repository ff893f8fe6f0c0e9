import { Migration } from '@mikro-orm/migrations';

/**
 * Postgres keeps samples of a column's values for its planner, which outlive the rows: a payload would be there when the
 * retention is long over, a hash when its account is gone. Nobody searches these columns by a range, so none are needed.
 */
export class NoSamples extends Migration {
  override up(): void {
    // Of the partitions too.
    this.addSql('ALTER TABLE inbox ALTER COLUMN body SET STATISTICS 0');
    this.addSql('ALTER TABLE account ALTER COLUMN password_hash SET STATISTICS 0');
    const hashes = ['refresh_family_hash', 'refresh_hash', 'previous_refresh_hash', 'refresh_salt'];
    this.addSql(`ALTER TABLE device ${hashes.map((column) => `ALTER COLUMN ${column} SET STATISTICS 0`).join(', ')}`);
  }
}
