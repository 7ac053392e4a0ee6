import {
  type Clock,
  type CrmPort,
  InputError,
  type Logger,
  type PushRequest,
  type PushVerdict,
  type SetupStep,
  type StatePort,
} from '@tidelock/core';
import type { Administration } from './administration.ts';
import type { Config } from './config.ts';
import { knownLanes } from './configured-lanes.ts';
import { kindsOf } from './crm-scope.ts';
import { crmStoreOf } from './lanes.ts';

export interface CrmSetup {
  /** Name of the connection. */
  readonly crm: string;
  readonly steps: readonly SetupStep[];
}

export type PushAnswer =
  | { readonly accepted: true; readonly lanes: number }
  | {
      readonly accepted: false;
      readonly reason: Extract<PushVerdict, { accepted: false }>['reason'] | 'unsupported';
    };

/** What concerns a CRM connection as a whole. */
export interface CrmService {
  /** What each CRM needs before a first sync. Reads only. */
  setup(): Promise<readonly CrmSetup[]>;
  /** Has the adapter do automatic steps, and answers all of them as they are afterwards. Recorded in the audit trail. */
  provision(crm: string, codes: readonly string[]): Promise<readonly SetupStep[]>;
  /**
   * Takes a request that the CRM pushed. Where the adapter vouches for it, the feeds and lanes of this connection are due at
   * once; nothing that it says is used. Makes no request. For many of them a second there is `openPush`.
   */
  receivePush(crm: string, request: PushRequest): Promise<PushAnswer>;
}

export interface CrmServiceParts {
  readonly config: Config;
  readonly crms: ReadonlyMap<string, CrmPort>;
  readonly state: StatePort;
  readonly clock: Clock;
  readonly log: Logger;
  readonly administration: Pick<Administration, 'record'>;
  readonly signal?: AbortSignal | undefined;
}

const KINDS = ['contact', 'event'] as const;

function portOf({ crms }: CrmServiceParts, crm: string): CrmPort {
  const port = crms.get(crm);
  if (port !== undefined) return port;
  const reason = `there is no CRM "${crm}"`;
  throw new InputError(reason, [{ path: crm, reason, remedy: `One of: ${[...crms.keys()].join(', ')}.` }]);
}

async function provision(
  parts: CrmServiceParts,
  of: { readonly crm: string; readonly codes: readonly string[] },
): Promise<readonly SetupStep[]> {
  const port = portOf(parts, of.crm);
  const call = { signal: parts.signal, kinds: kindsOf(parts.config, of.crm) };
  const before = await port.setup(call);
  if (port.provision === undefined) return before;
  const after = await port.provision(of.codes, call);
  const open = (steps: readonly SetupStep[]): string[] =>
    steps.filter(({ done }) => !done).map(({ code }) => code);
  const change = { before: { open: open(before) }, after: { open: open(after) } };
  await parts.administration.record({ act: 'crm.prepared', subject: of.crm, laneId: null, ...change });
  return after;
}

async function receivePush(
  parts: CrmServiceParts,
  of: { readonly crm: string; readonly request: PushRequest },
): Promise<PushAnswer> {
  const { config, state, clock, log } = parts;
  const port = portOf(parts, of.crm);
  const verdict = port.verifyPush?.(of.request) ?? ({ accepted: false, reason: 'unsupported' } as const);
  if (!verdict.accepted) {
    log.warn('push.refused', { crm: of.crm, reason: verdict.reason });
    return verdict;
  }
  if (verdict.hints === 0) return { accepted: true, lanes: 0 };
  const store = crmStoreOf(of.crm);
  const known = (await knownLanes(config, state)).filter(({ lane }) => lane.storeB === store);
  for (const kind of verdict.kinds ?? KINDS)
    await state.sync.hintFeeds(crmStoreOf(of.crm, kind), clock.now());
  for (const { lane } of known) await state.sync.hintLane(lane.id, clock.now());
  log.debug('push.accepted', { crm: of.crm, hints: verdict.hints, lanes: known.length });
  return { accepted: true, lanes: known.length };
}

export function createCrmService(parts: CrmServiceParts): CrmService {
  return {
    async setup() {
      const found: CrmSetup[] = [];
      for (const [crm, port] of parts.crms)
        found.push({
          crm,
          steps: await port.setup({ signal: parts.signal, kinds: kindsOf(parts.config, crm) }),
        });
      return found;
    },
    provision: (crm, codes) => provision(parts, { crm, codes }),
    receivePush: (crm, request) => receivePush(parts, { crm, request }),
  };
}
