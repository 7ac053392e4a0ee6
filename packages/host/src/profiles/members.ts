import type { CallOptions } from '@tidelock/core';
import { addressOf } from '../lane-label.ts';
import type { ActingPlatform } from '../platform.ts';
import type { LaneStatus } from '../status.ts';
import type { RosterEntry } from './roster.ts';

/** One mailbox and how it takes part, for a list. */
export interface Member {
  readonly address: string;
  readonly name: string;
  readonly profile: string | null;
  readonly rule: string | null;
  readonly crmUser: { readonly id: string; readonly name: string; readonly email: string | null } | null;
  readonly matchedBy: string | null;
  /** CRM users that fit when none could be chosen. */
  readonly candidates: readonly { readonly id: string; readonly name: string; readonly active: boolean }[];
  readonly state: 'takes part' | 'paused' | 'blocked' | 'removed' | 'not named';
  readonly reasons: readonly { readonly text: string; readonly remedy: string | null }[];
}

function fromEntry(entry: RosterEntry, status: LaneStatus | undefined): Member {
  const blocks = entry.findings.filter(({ severity }) => severity === 'block');
  const off = blocks.length > 0 || !entry.profile.contacts.sync;
  const { user, by, candidates } = entry.match;
  return {
    address: entry.mailbox.address,
    name: entry.mailbox.displayName,
    profile: entry.profile.name,
    rule: entry.rule,
    crmUser: user && { id: user.id, name: user.name, email: user.email },
    matchedBy: by,
    candidates: candidates.map(({ id, name, active }) => ({ id, name, active })),
    state: off ? 'blocked' : status?.paused ? 'paused' : 'takes part',
    reasons: entry.findings.map(({ text, remedy }) => ({ text, remedy: remedy ?? null })),
  };
}

const nobody = { profile: null, rule: null, crmUser: null, matchedBy: null, candidates: [], reasons: [] };

/**
 * Every mailbox that a rule names or named, in the order of addresses; `all`: also those of the directory that none does. Asks
 * directory and CRM; writes to neither.
 */
export async function listMembers(
  platform: ActingPlatform,
  of: { readonly all: boolean } & CallOptions,
): Promise<readonly Member[]> {
  const roster = await platform.administration.roster();
  const known = new Map((await platform.status()).map((status) => [status.label.toLowerCase(), status]));
  const named = roster.map((entry) => fromEntry(entry, known.get(entry.mailbox.address.toLowerCase())));
  const addresses = new Set(named.map(({ address }) => address.toLowerCase()));
  const left = new Set([...known.values()].map(({ label }) => addressOf(label)));
  const removed = [...left]
    .filter((address) => !addresses.has(address.toLowerCase()))
    .map((address): Member => ({ ...nobody, address, name: '', state: 'removed' }));
  for (const { address } of removed) addresses.add(address.toLowerCase());
  const others = of.all ? await platform.mailbox.mailboxes(undefined, { signal: of.signal }) : [];
  const unnamed = others
    .filter(({ address }) => !addresses.has(address.toLowerCase()))
    .map(({ address, displayName: name }): Member => ({ ...nobody, address, name, state: 'not named' }));
  return [...named, ...removed, ...unnamed].sort((a, b) => a.address.localeCompare(b.address, 'en'));
}
