import type { LivePlatform } from '@tidelock/host';
import { Refusal } from './problem.ts';

/** Texts of the configuration, at any depth: addresses that somebody wrote into the file by hand. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** Places that take an address beyond what the adapter allows by itself. */
function liftedIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'allow' in value && value.allow !== false ? [value] : [];
  return [...own, ...Object.values(value).flatMap(liftedIn)];
}

/**
 * An address inside this network (`allow: true`) is written into the file by whoever runs this machine, and never through the
 * page: else somebody with an account here could have this process ask whatever it reaches. Security requirements, 2.3.
 */
export function requireKnownTargets({ config }: LivePlatform, options: unknown): void {
  const known = new Set(textsIn([config.adapters, config.crms]));
  const unknown = liftedIn(options).filter((place) => textsIn(place).some((text) => !known.has(text)));
  if (unknown.length === 0) return;
  throw new Refusal(422, 'An address that the adapter does not allow by itself is not taken from here.', {
    code: 'target',
    remedy:
      'Write it into the configuration file on the machine itself, with allow: true, and start the process again.',
  });
}
