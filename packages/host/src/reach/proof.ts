import {
  type CallOptions,
  type Clock,
  type Finding,
  isAdapterError,
  type Mailbox,
  type MailboxPort,
} from '@tidelock/core';
import type { Lanes } from '../lanes.ts';
import { isTrouble, type ReachVerdict, verdictOf } from './verdict.ts';

export interface ReachRow {
  readonly address: string;
  readonly name: string;
  /** A rule of the configuration names it. */
  readonly intended: boolean;
  readonly verdict: ReachVerdict;
}

export interface ReachReport {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** In the order of addresses. */
  readonly rows: readonly ReachRow[];
  /** About the connection: permissions beyond what it needs, or a directory that cannot be listed. */
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<ReachVerdict, number>>;
  /** Everything is as it is meant to be. */
  readonly asIntended: boolean;
}

export interface ReachParts {
  readonly mailbox: MailboxPort;
  readonly lanes: Pick<Lanes, 'nominations'>;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

const unlisted: Finding = {
  code: 'directory-unlisted',
  severity: 'warn',
  text: 'The directory cannot be listed, so only the mailboxes that are named were tried.',
  remedy:
    'Name some that must stay closed: tidelock reach --outside <address>. Or grant the right to list users.',
};

async function everybody(
  port: MailboxPort,
  call: CallOptions,
): Promise<{ readonly mailboxes: readonly Mailbox[]; readonly findings: readonly Finding[] }> {
  try {
    return { mailboxes: await port.mailboxes(undefined, call), findings: [] };
  } catch (error) {
    if (!isAdapterError(error) || error.kind !== 'forbidden') throw error;
    return { mailboxes: [], findings: [unlisted] };
  }
}

const NONE: Readonly<Record<ReachVerdict, number>> = {
  ...{ open: 0, closed: 0, 'too-wide': 0 },
  ...{ missing: 0, 'no-mailbox': 0, unknown: 0 },
};

function countsOf(rows: readonly ReachRow[]): ReachReport['counts'] {
  const counts = { ...NONE };
  for (const { verdict } of rows) counts[verdict] += 1;
  return counts;
}

/**
 * Opens mailbox after mailbox, those that rules name and those that none does, and compares with what is meant. Reads one
 * folder of each and writes nothing. `outside`: addresses that must stay closed, where the directory cannot be listed.
 */
export async function proveReach(parts: ReachParts, outside: readonly string[] = []): Promise<ReachReport> {
  const { mailbox: port, lanes, clock, signal } = parts;
  const call = { signal };
  const findings = [...(await port.check(call))].filter(({ severity }) => severity !== 'info');
  const intended = new Map(
    (await lanes.nominations()).nominees.map(({ mailbox, choice }) => [
      mailbox.id,
      choice === null || choice === undefined ? mailbox : { ...mailbox, address: choice.address },
    ]),
  );
  const listed = await everybody(port, call);
  const named = outside.length === 0 ? [] : await port.mailboxes(outside, call);
  const all = new Map([...listed.mailboxes, ...named, ...intended.values()].map((one) => [one.id, one]));
  const rows = [...all.values()]
    .map(({ id, address, displayName, state }): ReachRow => {
      const isIntended = intended.has(id);
      return { address, name: displayName, intended: isIntended, verdict: verdictOf(state, isIntended) };
    })
    .sort((a, b) => a.address.localeCompare(b.address, 'en'));
  const told = [...findings, ...listed.findings];
  return {
    ...{ at: clock.now(), rows, findings: told, counts: countsOf(rows) },
    asIntended:
      !rows.some(({ verdict, intended: inside }) => isTrouble(verdict, inside)) && told.length === 0,
  };
}
