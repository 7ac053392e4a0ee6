import { answer, api, type Schemas } from './client.ts';

export type MailboxRow = Schemas['Mailbox'];

export interface Roster {
  readonly items: readonly MailboxRow[];
  readonly total: number;
}

const PAGE = 500;

/** Asks the directory and the CRM. `all`: those that no rule names, too. */
export async function readRoster(all: boolean): Promise<Roster> {
  const items: MailboxRow[] = [];
  for (let cursor: string | null = '0'; cursor !== null; ) {
    const query = { limit: PAGE, cursor, all: all ? 'true' : 'false' } as const;
    const page: { items: readonly MailboxRow[]; next: string | null } = await answer(
      api.GET('/api/v1/mailboxes', { params: { query } }),
    );
    items.push(...page.items);
    cursor = page.next;
  }
  return { items, total: items.length };
}

export const refreshRoster = (): Promise<unknown> =>
  answer(api.POST('/api/v1/mailboxes/refresh', { body: {} }));

export interface Matched {
  readonly address: string;
  readonly problem: { readonly detail: string; readonly remedy: string | null } | null;
}

/** By e-mail address or id of the CRM user; null takes decisions back. Each by itself. */
export const matchUser = async (address: string, user: string | null): Promise<readonly Matched[]> =>
  (await answer(api.POST('/api/v1/mailboxes/match', { body: { matches: [{ address, user }] } }))).results;

/** Null takes them out of the list. */
export const assignProfile = (addresses: readonly string[], profile: string | null): Promise<unknown> =>
  answer(api.POST('/api/v1/mailboxes/assign', { body: { addresses: [...addresses], profile } }));

export const pauseMailboxes = (addresses: readonly string[], reason: string): Promise<unknown> =>
  answer(api.POST('/api/v1/mailboxes/pause', { body: { addresses: [...addresses], reason } }));

export const resumeMailboxes = (addresses: readonly string[]): Promise<unknown> =>
  answer(api.POST('/api/v1/mailboxes/resume', { body: { addresses: [...addresses] } }));

export const resetMailbox = (address: string): Promise<unknown> =>
  answer(api.POST('/api/v1/mailboxes/reset', { body: { address } }));
