import { InputError, isAdapterError } from '@tidelock/core';
import type { LivePlatform } from './live-platform.ts';

/** One reading of the file and of the secrets that it names. */
const EVERY_MS = 15_000;

/**
 * Tries again while there is no platform: another process over the same secret store may connect the tenant, or somebody puts a secret
 * that was missing. Answers how to stop, which resolves when nothing of it is under way any more.
 */
export function keepTrying(live: LivePlatform): () => Promise<void> {
  const { clock, log } = live.foundation.context;
  const end = new AbortController();
  const tryOnce = async (): Promise<void> => {
    if (live.trouble === null) return;
    try {
      await live.reload();
      log.info('platform.opened', {});
    } catch (error) {
      // What was wrong before is still wrong; `trouble` says it.
      if (!(error instanceof InputError) && !isAdapterError(error)) throw error;
    }
  };
  const loop = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await clock.sleep(EVERY_MS, end.signal);
      await tryOnce();
    }
  };
  const ended = loop().catch((error: unknown) => {
    if (!end.signal.aborted)
      log.error('platform.not-tried', { reason: error instanceof Error ? error.name : '' });
  });
  return async () => {
    end.abort();
    await ended;
  };
}
