import { createHash } from 'node:crypto';

/** What decides how a lane is opened: two openings with the same answer do the same. */
export const revisionOf = (...of: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 24);
