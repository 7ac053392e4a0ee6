import { z } from 'zod';

export const SqliteOptionsSchema = z.strictObject({
  /** Database file, relative to the data directory; `:memory:` keeps everything in memory, for tests. */
  file: z.string().min(1).max(4096).default('tidelock.db'),
});

export type SqliteOptions = z.input<typeof SqliteOptionsSchema>;
