import type { AssignmentRow, CallOptions, CrmPort, CrmUser, Mailbox } from '@tidelock/core';
import type { Config } from '../config.ts';

/** Whose mailbox it is in the CRM. */
export interface UserMatch {
  readonly user: CrmUser | null;
  /** The keys that decided: `address = email`; `owner` for the configuration's word, `decided` for a person's. */
  readonly by: string | null;
  /** Users that fit when none could be chosen. */
  readonly candidates: readonly CrmUser[];
}

export interface Unmatched {
  readonly mailbox: Mailbox;
  /** E-mail of the CRM user, as the configuration names it. */
  readonly owner: string | null;
  readonly decided: AssignmentRow['decided'];
}

interface Asking {
  readonly crm: CrmPort;
  readonly match: Config['match'];
  readonly call: CallOptions;
}

const NOBODY: UserMatch = { user: null, by: null, candidates: [] };

/** Several users are nobody: an owner is never guessed. Active ones come before others. */
function choose(users: readonly CrmUser[], by: string): UserMatch {
  const active = users.filter((user) => user.active);
  const [only, ...others] = active.length > 0 ? active : users;
  if (only === undefined) return NOBODY;
  return others.length === 0 ? { user: only, by, candidates: [] } : { ...NOBODY, candidates: users };
}

async function find(
  { crm, call }: Asking,
  by: string,
  values: readonly string[],
): Promise<readonly (readonly CrmUser[])[]> {
  if (values.length === 0) return [];
  if (crm.findUsers !== undefined) return crm.findUsers(by, values, call);
  const users = await crm.users(values, call);
  return users.map((user) => (user === null ? [] : [user]));
}

const ownValue = ({ mailbox }: Unmatched, key: Config['match'][number]['mailbox']): string | undefined =>
  ({ address: mailbox.address, login: mailbox.login, employee: mailbox.employeeId })[key];

/** Asks for those that are still without a user, and only for what they have. */
async function step(
  asking: Asking,
  matches: Map<Unmatched, UserMatch>,
  of: { readonly name: string; readonly by: string; value(one: Unmatched): string | undefined },
): Promise<void> {
  const open = [...matches].filter(([, match]) => match.user === null).map(([one]) => one);
  const asked = open.flatMap((one) => {
    const value = of.value(one);
    return value === undefined || value === '' ? [] : [{ one, value }];
  });
  const found = await find(
    asking,
    of.by,
    asked.map(({ value }) => value),
  );
  for (const [index, { one }] of asked.entries()) {
    const match = choose(found[index] ?? [], of.name);
    const before = matches.get(one) ?? NOBODY;
    if (match.user !== null || before.candidates.length === 0) matches.set(one, match);
  }
}

/**
 * The CRM user of each mailbox: a person's decision, else the configuration's `owner`, else the first of the keys that
 * fits exactly one user. What fits several, or nobody, is left to a person.
 */
export async function matchUsers(
  asking: Asking,
  mailboxes: readonly Unmatched[],
): Promise<readonly UserMatch[]> {
  const matches = new Map(mailboxes.map((one) => [one, NOBODY]));
  const { crm, call, match } = asking;
  if (crm.findUsers !== undefined && mailboxes.some(({ decided }) => decided !== null))
    await step(asking, matches, { name: 'decided', by: 'id', value: ({ decided }) => decided?.crmUserId });
  const byAddress = async (name: string, value: (one: Unmatched) => string | undefined): Promise<void> => {
    const open = mailboxes.filter((one) => matches.get(one)?.user === null && value(one) !== undefined);
    if (open.length === 0) return;
    const users = await crm.users(
      open.map((one) => value(one) ?? ''),
      call,
    );
    for (const [index, one] of open.entries()) {
      const user = users[index] ?? null;
      if (user !== null) matches.set(one, { user, by: name, candidates: [] });
    }
  };
  await byAddress('owner', ({ owner }) => owner ?? undefined);
  for (const key of match) {
    const value = (one: Unmatched): string | undefined =>
      one.owner === null ? ownValue(one, key.mailbox) : undefined;
    await step(asking, matches, { name: `${key.mailbox} = ${key.crm}`, by: key.crm, value });
  }
  if (match.length === 0) {
    const address = (one: Unmatched): string | undefined =>
      one.owner === null ? one.mailbox.address : undefined;
    await byAddress('address = email', address);
    // Who fits besides, so that a person can choose.
    if (crm.findUsers !== undefined)
      await step(asking, matches, { name: 'address = email', by: 'email', value: address });
  }
  return mailboxes.map((one) => matches.get(one) ?? NOBODY);
}
