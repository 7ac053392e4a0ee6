import { stat } from 'node:fs/promises';
import { isExpected, type LivePlatform } from './live-platform.ts';

/** One look at the files, and where there is no platform one at the secrets that they name. */
const EVERY_MS = 15_000;

/** Of the files that make up the configuration, as they are now; one that is not there counts as such. */
async function stateOf({ config }: LivePlatform): Promise<string> {
  const looks = [config.file, ...config.files].map(async (file) => {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      return `${mtimeMs} ${size} ${ino}`;
    } catch {
      return '-';
    }
  });
  return (await Promise.all(looks)).join('\n');
}

/**
 * Takes up what others do: a configuration that somebody edited, the command line or another process changed, and, while there is no
 * platform, a tenant that was connected or a secret that was put. What cannot work is told once and changes nothing. Answers how to
 * stop, which resolves when nothing of it is under way any more.
 */
export function followConfiguration(live: LivePlatform): () => Promise<void> {
  const { clock, log } = live.foundation.context;
  const end = new AbortController();
  let seen: string | undefined;
  const look = async (): Promise<void> => {
    const state = await stateOf(live);
    const changed = seen !== undefined && state !== seen;
    seen = state;
    const isMissing = live.trouble !== null;
    if (!changed && !isMissing) return;
    try {
      await live.reload();
      log.info(isMissing ? 'platform.opened' : 'config.taken', {});
    } catch (error) {
      if (!isExpected(error)) throw error;
      // What was missing before is still missing, which `trouble` says.
      if (!isMissing) log.warn('config.not-taken', { reason: error.message });
    }
  };
  const loop = async (): Promise<void> => {
    await look();
    while (!end.signal.aborted) {
      await clock.sleep(EVERY_MS, end.signal);
      await look();
    }
  };
  const ended = loop().catch((error: unknown) => {
    if (!end.signal.aborted)
      log.error('config.not-followed', { reason: error instanceof Error ? error.name : '' });
  });
  return async () => {
    end.abort();
    await ended;
  };
}
