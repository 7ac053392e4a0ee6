import { isAdapterError } from '@tidelock/core';
import { type DataKeysOptions, openSealer } from './data-keys.ts';
import type { FieldSealer } from './field-seal.ts';

/** Keys in memory are looked up anew after this long, so that a tenant that was erased elsewhere is forgotten here too. */
const LOOK_AGAIN_MS = 10 * 60_000;
/** They are used no longer than this while the secret store, or the state, does not answer: then nothing opens. */
const SERVES_FOR_MS = 15 * 60_000;

/** Hands out the tenant's sealer. `renewed`: a value was met whose key it does not know. */
export type AskForSealer = (renewed?: boolean) => Promise<FieldSealer>;

export interface SealerSource extends AskForSealer {
  /** The tenant was erased here and on purpose: whatever is sealed from now on has a new key. */
  forget(): void;
}

interface Held {
  readonly sealer: FieldSealer;
  /** On the monotonic clock. */
  readonly openedAt: number;
}

/** One opening at a time; a failed one is not remembered. */
export function createSealerSource(options: DataKeysOptions): SealerSource {
  const { clock } = options;
  let held: Held | null = null;
  let opening: Promise<FieldSealer> | null = null;

  function open(): Promise<FieldSealer> {
    const before = held;
    opening ??= openSealer(options, { known: before !== null, fresh: before?.sealer.isWorn() === true })
      .then((sealer) => {
        held = { sealer, openedAt: clock.mono() };
        return sealer;
      })
      .finally(() => {
        opening = null;
      });
    return opening;
  }

  const source = async (renewed = false): Promise<FieldSealer> => {
    const age = held === null ? Number.POSITIVE_INFINITY : clock.mono() - held.openedAt;
    if (held !== null && !renewed && !held.sealer.isWorn() && age < LOOK_AGAIN_MS) return held.sealer;
    const present = held;
    try {
      return await open();
    } catch (error) {
      const away = isAdapterError(error) && (error.kind === 'unavailable' || error.kind === 'rate_limited');
      if (away && present !== null && !renewed && age < SERVES_FOR_MS) return present.sealer;
      throw error;
    }
  };
  const forget = (): void => {
    held = null;
  };
  return Object.assign(source, { forget });
}
