import {
  type AdapterContext,
  type AdapterError,
  isAdapterError,
  type TenantStore,
  type TokenProvider,
} from '@tidelock/core';
import { TENANT } from './lanes.ts';

/** The directory refuses this installation: seen when somebody last asked for a token. */
export interface ConnectionTrouble {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly code: string | null;
  readonly text: string;
  readonly remedy: string | null;
}

const REFUSED = 'connection.refused';
const RESTORED = 'connection.restored';
const SUBJECT = 'mailbox';
const LOOKED_AT = 500;

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** As of the last token that was asked for. Makes no request. */
export async function readTrouble(tenants: TenantStore): Promise<ConnectionTrouble | null> {
  const rows = await tenants.audit(TENANT, { limit: LOOKED_AT });
  const last = rows.find(({ act }) => act === REFUSED || act === RESTORED);
  if (last === undefined || last.act === RESTORED) return null;
  const { code, text, remedy } = (last.after ?? {}) as Readonly<Record<string, unknown>>;
  return { since: last.at, code: textOf(code), text: textOf(text) ?? 'refused', remedy: textOf(remedy) };
}

interface Watching {
  readonly tenants: TenantStore;
  readonly context: Pick<AdapterContext, 'clock' | 'random' | 'log'>;
}

/** Notes in the trail when the directory begins to refuse, says something else, or takes us back; nothing in between. */
function createNotes({ tenants, context }: Watching) {
  const { clock, random, log } = context;
  /** Code of the last refusal that stands in the trail; null = none; undefined = not looked at yet. */
  let known: string | null | undefined;
  const lastCode = async (): Promise<string | null> => {
    known ??= (await readTrouble(tenants).catch(() => null))?.code ?? null;
    return known;
  };
  const note = async (act: string, after: object | null): Promise<void> => {
    try {
      const row = { id: random.uuid(), tenantId: TENANT, at: clock.now(), who: 'tidelock' };
      await tenants.appendAudit([{ ...row, act, subject: SUBJECT, laneId: null, before: null, after }]);
    } catch (error) {
      log.warn('connection.not-noted', { name: error instanceof Error ? error.name : typeof error });
    }
  };
  return {
    async refused({ code = 'auth', message, remedy }: AdapterError): Promise<void> {
      if ((await lastCode()) === code) return;
      known = code;
      await note(REFUSED, { code, text: message, remedy: remedy ?? null });
    },
    async granted(): Promise<void> {
      if (known === null || (await lastCode()) === null) return;
      known = null;
      await note(RESTORED, null);
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
