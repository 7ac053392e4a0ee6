import { userInfo } from 'node:os';
import type { PlatformOptions } from './platform.ts';

type Environment = NonNullable<PlatformOptions['env']>;

/** `ann`; behind sudo both names, because the first one did it. */
export function currentUser(env: Environment): string {
  const name = (() => {
    try {
      return userInfo().username;
    } catch {
      return 'unknown';
    }
  })();
  const behind = env.SUDO_USER;
  return behind === undefined || behind === name ? name : `${behind} (as ${name})`;
}
