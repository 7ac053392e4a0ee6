import type {
  Feed,
  FieldCatalogue,
  Finding,
  LaneSpec,
  Mapping,
  RecordStore,
  Side,
  SyncState,
} from '@tidelock/core';
import type { Contents } from './cache.ts';
import type { Compiling } from './compiling.ts';
import { shortHash } from './features.ts';
import { type Lane, notifying } from './lane.ts';
import { mappingVersion } from './mapping-version.ts';
import type { LanePolicy } from './policy.ts';
import { SIDE_NAME } from './sentence.ts';
import type { StoreLooks } from './store-look.ts';

export interface LaneConfig {
  readonly spec: LaneSpec;
  readonly stores: Readonly<Record<Side, RecordStore>>;
  readonly mapping: Mapping;
  readonly policy: LanePolicy;
  /** Another opening of this lane with the same text does the same. Absent = nobody can tell. */
  readonly revision?: string | undefined;
}

/** A rule about something that a store does not have would keep nobody off, silently. */
function unknownProperties(
  { scope }: LanePolicy,
  of: Readonly<Record<Side, FieldCatalogue>> & { readonly mapping: Lane['mapping'] },
): Finding[] {
  if (scope === null) return [];
  return (['a', 'b'] as const).flatMap((side) =>
    scope.rules[side]
      .filter(({ field }) => !of.mapping.byName.has(field) && !Object.hasOwn(of[side], field))
      .map(
        ({ field }): Finding => ({
          code: 'scope-property-missing',
          severity: 'block',
          text: `${scope.name} filters by "${field}", which is neither a field of the mapping nor a property of the ${SIDE_NAME[side]}.`,
          remedy: 'Correct the name, or create the property and let the integration user see it.',
        }),
      ),
  );
}

/** What decides which records of a feed mean something to a lane, and what they mean. */
function scopeHashOf(
  of: Pick<LaneConfig, 'spec' | 'policy'> & { readonly mapping: Lane['mapping'] },
  side: Side,
  feedHash: string,
): string {
  const { owners, scope, events } = of.policy;
  // What is not created over there for its rules can be once they change: both sides' rules count on both.
  const rules = [scope?.rules.a ?? [], scope?.rules.b ?? [], side === 'b' ? owners : null];
  if (side === 'b' && events.window !== null) rules.push([events.window.from, events.window.to]);
  return shortHash(JSON.stringify([of.spec.id, feedHash, mappingVersion(of.mapping), rules]));
}

const feedIdOf = (storeKey: string, key: string): string => `${storeKey}/${key}`;

/** Probes both stores and compiles the mapping; remembers the feeds. */
export async function prepareLane(
  config: LaneConfig,
  options: {
    readonly state: SyncState;
    readonly signal?: AbortSignal | undefined;
    readonly contents: Contents;
    readonly looks: StoreLooks;
    readonly compiling: Compiling;
  },
  shared: Lane['shared'],
): Promise<{ lane: Lane; findings: readonly Finding[]; scopes: Map<string, string> }> {
  const call = { signal: options.signal };
  const { looks } = options;
  const [{ probe: probeA, feeds: feedsA }, { probe: probeB, feeds: feedsB }] = await Promise.all([
    looks.look(config.stores.a, { shared: shared.a, call }),
    looks.look(config.stores.b, { shared: shared.b, call }),
  ]);
  const catalogues = { a: probeA.catalogue, b: probeB.catalogue };
  const { region } = config.policy;
  const { canon, mapping } = options.compiling.compile(config.mapping, { catalogues, region });
  const { spec } = config;
  const hashOf = (side: Side, feed: Feed): string =>
    scopeHashOf({ spec, policy: config.policy, mapping }, side, feed.scopeHash);
  const scopes = new Map([
    ...feedsA.map((feed) => [feedIdOf(spec.storeA, feed.key), hashOf('a', feed)] as const),
    ...feedsB.map((feed) => [feedIdOf(spec.storeB, feed.key), hashOf('b', feed)] as const),
  ]);
  const ids = {
    a: feedsA.map((feed) => feedIdOf(spec.storeA, feed.key)),
    b: feedsB.map((feed) => feedIdOf(spec.storeB, feed.key)),
  };
  const caps = { a: probeA.capabilities, b: probeB.capabilities };
  const lane: Lane = {
    spec,
    mapping,
    canon,
    caps,
    ...notifying(config.stores, caps),
    policy: config.policy,
    feeds: ids,
    shared,
    cache: options.contents.open(),
    lookedUp: new Set(),
  };
  await options.state.saveFeeds([
    ...feedsA.map((feed) => ({
      id: feedIdOf(spec.storeA, feed.key),
      store: spec.storeA,
      side: 'a' as const,
      key: feed.key,
    })),
    ...feedsB.map((feed) => ({
      id: feedIdOf(spec.storeB, feed.key),
      store: spec.storeB,
      side: 'b' as const,
      key: feed.key,
    })),
  ]);
  const missing = unknownProperties(config.policy, { mapping, ...catalogues });
  const findings = [...probeA.findings, ...probeB.findings, ...mapping.findings, ...missing];
  return { lane, findings, scopes };
}
