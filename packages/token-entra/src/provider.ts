import type { Clock, ContextOf, TokenProvider } from '@tidelock/core';
import { createEntries, type Entry, type Held } from './cache.ts';
import { createFlights } from './cache-flights.ts';
import { CLOUDS, type EntraOptions } from './config.ts';
import { createConsent } from './consent.ts';
import { createFailure } from './errors.ts';
import { aborted, createRenewer, type EntraTuning } from './provider-renewal.ts';
import { toWanted, type Wanted } from './provider-request.ts';
import { isClaimsObject } from './wire-claims.ts';

/** Several resource calls refused at about the same time ask for one renewal, not for one each. */
const FORCED_MS = 5000;
/** A wall clock that jumps back further than this is taken for set back, not for jitter. */
const SET_BACK_MS = 60_000;

/** Milliseconds for which the token may still be used, by whichever clock says less. */
function leftOf(held: Held, clock: Clock): number {
  const now = clock.now();
  if (now < held.since - SET_BACK_MS) return 0;
  return Math.min(held.token.expiresAt - now, held.endsMono - clock.mono());
}

/** Contract `token@1` on Microsoft Entra. Makes no request and starts no timer before the first call. */
export function createEntraTokens(
  options: EntraOptions,
  context: ContextOf['token'],
  tuning: EntraTuning = {},
): TokenProvider {
  const { clock } = context;
  const entries = createEntries(tuning.maxEntries ?? 50_000);
  const renewer = createRenewer(options, context, tuning);
  const flights = createFlights(context, renewer);
  let closed = false;

  const entryOf = ({ tenant, scope, signal }: Wanted): Entry => {
    if (closed || signal?.aborted) throw aborted();
    return entries.get(tenant, scope) ?? entries.open(tenant, scope);
  };

  const renewForced = async (entry: Entry, wanted: Wanted): Promise<Held> => {
    const { held, flight, forcedMono } = entry;
    if (held && !flight && clock.mono() - forcedMono < FORCED_MS) return held;
    const renewed = await flights.join(entry, wanted);
    entry.forcedMono = clock.mono();
    return renewed;
  };

  return {
    async getToken(request) {
      const wanted = toWanted(request);
      const entry = entryOf(wanted);
      const { held } = entry;
      if (!held || leftOf(held, clock) <= held.floorMs) return (await flights.join(entry, wanted)).token;
      const due = clock.mono() >= held.refreshMono && !entry.flight && !flights.isBackingOff(entry);
      if (due) flights.start(entry, wanted).catch(() => {});
      return held.token;
    },
    async renewToken({ claims, ...request }) {
      const wanted = toWanted(request);
      if (claims !== undefined && !isClaimsObject(claims)) {
        throw createFailure('defect', { code: 'claims', message: 'the claims are no JSON object' }).error;
      }
      const entry = entryOf(wanted);
      const held = await (claims === undefined
        ? renewForced(entry, wanted)
        : flights.startFor(entry, wanted, claims));
      return held.token;
    },
    forget(tenant) {
      entries.forget(tenant.toLowerCase());
      renewer.forgetKeys();
    },
    home: { cloud: options.cloud, resource: CLOUDS[options.cloud].resource },
    keyNames: [...options.keys],
    async tryKey({ key, ...request }) {
      await renewer.renewWith(toWanted(request), key);
    },
    consent: createConsent({
      ...{ options, context, ring: renewer.ring },
      renew: async (request) => (await renewer.renew(toWanted(request), undefined)).token.token,
    }),
    async close() {
      closed = true;
      entries.clear();
      renewer.stop();
    },
  };
}
