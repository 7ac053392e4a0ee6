import * as z from 'zod';

/** What a backup says of itself: its first entry. */
export const ContentsSchema = z.strictObject({
  format: z.literal('tidelock-backup'),
  version: z.literal(1),
  /** ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  /** Adapter of the secret store; null: its contents are not in the backup. */
  secrets: z.string().nullable(),
  state: z.string(),
  /** Name of the configuration file in the backup. */
  config: z.string(),
  files: z.array(
    z.strictObject({
      name: z.string().max(1024),
      bytes: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});
export type Contents = z.infer<typeof ContentsSchema>;

export const CONTENTS = 'backup.json';
export const SECRETS = 'secrets';
export const STATE = 'state';
/** Before the configuration file, and before the files that it names, by their path from its folder. */
export const CONFIG = 'config/';

/** Whether an entry may have that name: nothing leads out of the folder that it is put in. */
export const isPlainPath = (path: string): boolean =>
  /^[^/\\\0]+(\/[^/\\\0]+)*$/.test(path) && !path.split('/').some((part) => part === '.' || part === '..');

export const isEntryName = (name: string): boolean =>
  name === SECRETS || name === STATE || (name.startsWith(CONFIG) && isPlainPath(name.slice(CONFIG.length)));
