import { createHash } from 'node:crypto';

const digestOf = (of: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(of) ?? '')
    .digest('hex')
    .slice(0, 24);

/** Of what nobody changes: a mapping is the same object for all mailboxes of a profile, and by far the longest of what decides. */
const known = new WeakMap<object, string>();

function digestOnce(of: unknown): string {
  if (typeof of !== 'object' || of === null) return digestOf(of);
  const digest = known.get(of) ?? digestOf(of);
  known.set(of, digest);
  return digest;
}

/**
 * What decides how a lane is opened: two openings with the same answer do the same. `shared`: what many lanes have in common; it is
 * looked at once.
 */
export const revisionOf = (shared: readonly unknown[], ...own: readonly unknown[]): string =>
  digestOf([shared.map(digestOnce), own]);
