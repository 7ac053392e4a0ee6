import type { Clock, CrmPort, PushedRecord, PushKind, PushRequest, PushVerdict } from '@tidelock/core';
import { crmStoreOf } from '../lanes.ts';
import type { Hinted, Hints } from './hints.ts';
import {
  accepted,
  busy,
  type HookAnswer,
  MAX_BODY,
  notHere,
  notUnderstood,
  tooLarge,
} from './hook-answer.ts';
import { type HookPaths, isSamePath } from './hook-paths.ts';
import type { Refusals } from './refusals.ts';

/** A CRM that pushed within this time is taken for one that does. */
const FRESH_MS = 60 * 60_000;
const KINDS: readonly PushKind[] = ['contact', 'event'];

/** A CRM that cannot show at once what it pushes is looked at again, early, at the time that it usually takes, and when it is sure to. */
const LATER = [0.2, 0.4, 1.1];

export interface CrmHookParts {
  readonly paths: HookPaths;
  readonly hints: Hints;
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  crms(): ReadonlyMap<string, CrmPort> | null;
  /** Lanes of a CRM store, where there are so few that each has the feed for itself. */
  loneLanes(store: string): readonly string[];
}

export interface CrmHook {
  receive(of: { readonly crm: string; readonly path: string; readonly request: PushRequest }): HookAnswer;
  /** Something of this store was pushed lately. */
  isFresh(store: string): boolean;
}

/** Work for later: what is asked for again meanwhile is done once more, as long after, and never oftener. */
function createLater({ clock, signal }: Pick<CrmHookParts, 'clock' | 'signal'>) {
  const waiting = new Map<string, { again: boolean }>();
  const later = (key: string, ms: number, work: () => void): void => {
    const known = waiting.get(key);
    if (known !== undefined) {
      known.again = true;
      return;
    }
    const entry = { again: false };
    waiting.set(key, entry);
    clock.sleep(ms, signal).then(
      () => {
        waiting.delete(key);
        work();
        if (entry.again) later(key, ms, work);
      },
      () => undefined,
    );
  };
  return later;
}

const NOBODY: Hinted['named'] = new Map();

/** By key of their stores. */
function namedIn(crm: string, records: readonly PushedRecord[] = []): Hinted['named'] {
  const byStore = Map.groupBy(records, ({ kind }) => crmStoreOf(crm, kind));
  return new Map([...byStore].map(([store, of]) => [store, of.map(({ id }) => id)]));
}

/** What CRMs push: their adapter judges it, and then their feeds are due. */
export function createCrmHook(parts: CrmHookParts): CrmHook {
  const { paths, hints, refusals, clock } = parts;
  const heard = new Map<string, number>();
  const look = (stores: readonly string[], named: Hinted['named'] = NOBODY): void =>
    hints.add({ stores, lanes: stores.flatMap(parts.loneLanes), named });
  const again = createLater(parts);
  const take = (crm: string, verdict: PushVerdict): HookAnswer => {
    if (!verdict.accepted) {
      refusals.note({ subject: crm, reason: verdict.reason });
      return verdict.reason === 'unconfigured' ? notHere : notUnderstood;
    }
    const kinds = verdict.hints === 0 ? [] : (verdict.kinds ?? KINDS);
    const stores = kinds.map((kind) => crmStoreOf(crm, kind));
    for (const store of stores) heard.set(store, clock.mono());
    look(stores, namedIn(crm, verdict.records));
    if (verdict.settlesMs !== undefined)
      for (const share of LATER)
        again(`${stores.join()} ${share}`, verdict.settlesMs * share, () => look(stores));
    return accepted;
  };
  return {
    receive({ crm, path, request }) {
      const port = parts.crms()?.get(crm);
      if (!isSamePath(path, paths.crm(crm)) || port?.verifyPush === undefined) return notHere;
      if (request.body.byteLength > MAX_BODY) return tooLarge;
      if (hints.isFull()) return busy;
      return take(crm, port.verifyPush(request));
    },
    isFresh(store) {
      const at = heard.get(store);
      return at !== undefined && clock.mono() - at < FRESH_MS;
    },
  };
}
