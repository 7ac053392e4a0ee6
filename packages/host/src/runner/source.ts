import type { ActingPlatform } from '../platform.ts';
import type { PlatformSource } from './machine.ts';

/** One platform that stays the same. */
export const sourceOf = (platform: ActingPlatform): PlatformSource => ({
  now: () => platform,
  use: (work) => work(platform),
  onChange: () => () => undefined,
});
