import {
  type AdapterContext,
  type AdapterError,
  type ConnectionRow,
  isAdapterError,
  type TenantStore,
  type TokenProvider,
} from '@tidelock/core';
import { connectionIdOf, freeTenant } from './consent/bindings.ts';
import { TENANT } from './lanes.ts';
import { lastAct } from './last-act.ts';

/** The directory refuses this installation: seen when somebody last asked for a token. */
export interface ConnectionTrouble {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly code: string | null;
  readonly text: string;
  readonly remedy: string | null;
}

/** How the connection to the organisation stands, as it is remembered. Nobody is asked. */
export interface Standing {
  /**
   * `broken`: the organisation refuses this installation, and one of its administrators has to act. `disconnected`: it was let go.
   * `pending`: no token was asked for yet, or none was ever refused or granted.
   */
  readonly state: ConnectionRow['state'];
  /** Since when, and through whom, it is let go; null otherwise. */
  readonly left: { readonly at: number; readonly who: string } | null;
}

const REFUSED = 'connection.refused';
const RESTORED = 'connection.restored';
const LEFT = 'tenant.disconnected';
const SUBJECT = 'mailbox';

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

async function rowOf(tenants: TenantStore): Promise<ConnectionRow | undefined> {
  return (await tenants.connections(TENANT)).find(({ id }) => id === connectionIdOf(TENANT));
}

/** As of the last token that was asked for. Makes no request. */
export async function readTrouble(tenants: TenantStore): Promise<ConnectionTrouble | null> {
  const state = (await rowOf(tenants))?.state;
  if (state === 'disconnected') return null;
  const last = await lastAct(tenants, [REFUSED, RESTORED], { all: state === 'broken' });
  if (last === null || last.act === RESTORED) return null;
  const { code, text, remedy } = (last.after ?? {}) as Readonly<Record<string, unknown>>;
  return { since: last.at, code: textOf(code), text: textOf(text) ?? 'refused', remedy: textOf(remedy) };
}

export async function readStanding(tenants: TenantStore): Promise<Standing> {
  const state = (await rowOf(tenants))?.state ?? 'pending';
  const left = state === 'disconnected' ? await lastAct(tenants, [LEFT], { all: true }) : null;
  return { state, left: left && { at: left.at, who: left.who } };
}

export interface Watching {
  readonly tenants: TenantStore;
  readonly context: Pick<AdapterContext, 'clock' | 'random' | 'log'>;
  /** Adapter of the mailbox side. */
  readonly adapter: string;
}

/** Remembered beside the trail, so that the next process knows it at once. One that was let go stays let go. */
async function mark({ tenants, context, adapter }: Watching, state: 'connected' | 'broken'): Promise<void> {
  const now = context.clock.now();
  const row = await rowOf(tenants);
  if (row?.state === state || row?.state === 'disconnected') return;
  if (row === undefined && (await tenants.tenant(TENANT)) === null)
    await tenants.putTenant(freeTenant(TENANT, now));
  const known = { id: connectionIdOf(TENANT), tenantId: TENANT, contract: 'mailbox', adapter } as const;
  const lastOkAt = state === 'connected' ? now : (row?.lastOkAt ?? null);
  await tenants.putConnection({ ...known, ...row, state, lastOkAt });
}

/** Notes in the trail when the directory begins to refuse, says something else, or takes us back; nothing in between. */
function createNotes(watching: Watching) {
  const { tenants, context } = watching;
  const { clock, random, log } = context;
  /** Code of the last refusal that stands in the trail; null = none; undefined = not looked at yet. */
  let known: string | null | undefined;
  const lastCode = async (): Promise<string | null> => {
    known ??= (await readTrouble(tenants).catch(() => null))?.code ?? null;
    return known;
  };
  const note = async (act: string, after: object | null, state: Standing['state'] | null): Promise<void> => {
    try {
      const row = { id: random.uuid(), tenantId: TENANT, at: clock.now(), who: 'tidelock' };
      await tenants.appendAudit([{ ...row, act, subject: SUBJECT, laneId: null, before: null, after }]);
      if (state === 'connected' || state === 'broken') await mark(watching, state);
    } catch (error) {
      log.warn('connection.not-noted', { name: error instanceof Error ? error.name : typeof error });
    }
  };
  return {
    async refused({ code = 'auth', message, remedy, party }: AdapterError): Promise<void> {
      if ((await lastCode()) === code) return;
      known = code;
      // What the operator has to mend is nothing that an organisation did: its connection stays what it is.
      const state = party === 'tenant' ? 'broken' : null;
      await note(REFUSED, { code, text: message, remedy: remedy ?? null }, state);
    },
    async granted(): Promise<void> {
      if (known === null || (await lastCode()) === null) return;
      known = null;
      await note(RESTORED, null, 'connected');
    },
  };
}
/** The same provider, and the trail hears when tokens begin to be refused and when they are granted again. */
export function watchToken(token: TokenProvider, watching: Watching): TokenProvider {
  const notes = createNotes(watching);
  const watched =
    <R extends readonly unknown[], T>(ask: (...of: R) => Promise<T>) =>
    async (...of: R): Promise<T> => {
      try {
        const answer = await ask(...of);
        await notes.granted();
        return answer;
      } catch (error) {
        if (isAdapterError(error) && error.kind === 'auth') await notes.refused(error);
        throw error;
      }
    };
  const { home, keyNames, consent } = token;
  return {
    getToken: watched((request) => token.getToken(request)),
    renewToken: watched((request) => token.renewToken(request)),
    forget: (tenant) => token.forget(tenant),
    close: () => token.close(),
    ...(home && { home }),
    ...(keyNames && { keyNames }),
    ...(token.tryKey && { tryKey: async (request) => token.tryKey?.(request) }),
    ...(consent && { consent }),
  };
}
