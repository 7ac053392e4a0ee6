import type { FieldRule, Problem } from '@tidelock/core';
import {
  type ActingPlatform,
  type Candidate,
  type LivePlatform,
  type Profile,
  previewMapping,
} from '@tidelock/host';
import { Refusal } from './problem.ts';

export type Kind = 'contact' | 'event';

export interface Pair {
  readonly mailboxId: string | null;
  readonly crmId: string | null;
}

const FIRST_PAIRS = 20;

/** A pair that is kept in step with this CRM, to try a mapping on; null = there is none yet. */
export async function somePair(
  platform: ActingPlatform,
  of: { readonly crm: string; readonly mailbox?: string | undefined; readonly kind?: Kind | undefined },
): Promise<Pair | null> {
  const wanted = of.kind ?? 'contact';
  const lanes = (await platform.lanes()).filter(
    ({ kind, crm, mailbox }) =>
      kind === wanted && crm === of.crm && (of.mailbox === undefined || mailbox === of.mailbox),
  );
  // A mailbox that was never synchronised is not known there yet.
  const known = new Set((await platform.state.sync.lanes()).map(({ id }) => id));
  for (const { id } of lanes.filter((lane) => known.has(lane.id))) {
    const links = await platform.state.sync.links(id, { by: 'page', after: '', limit: FIRST_PAIRS });
    const pair = links.find(({ status, a, b }) => status === 'live' && a !== null && b !== null);
    if (pair?.a && pair.b) return { mailboxId: pair.a.id, crmId: pair.b.id };
  }
  return null;
}

const isNobody = (error: unknown): boolean =>
  error instanceof Error && 'operation' in error && error.operation === 'mapping.fields';

/**
 * Holds the mapping of a profile to the laws before it is saved, on a real pair where there is one. Without a mailbox that takes
 * part there is nothing to hold it to: the doctor does when there is.
 */
export function lensCheck(live: LivePlatform, name: string): (candidate: Candidate) => Promise<void> {
  return async ({ profiles, config }) => {
    const profile = profiles.find((one) => one.name === name);
    if (profile === undefined || live.trouble !== null) return;
    const present = live
      .now()
      .profiles()
      .find((one) => one.name === name);
    const problems: Problem[] = [];
    for (const kind of ['contact', 'event'] as const) {
      const fields = rowsOf(profile, kind);
      if (JSON.stringify(present && rowsOf(present, kind)) === JSON.stringify(fields)) continue;
      const { crm } = profile;
      const of = { kind, fields, crm, region: config.sync.region, window: profile.events?.window };
      problems.push(...(await broken(live, of)));
    }
    if (problems.length === 0) return;
    throw new Refusal(422, 'This mapping would not keep the two sides in step.', {
      code: 'mapping-laws',
      remedy: 'Mend the rows that are named; nothing was saved.',
      problems,
    });
  };
}

/** The rows in force under a profile; none where events take no part. */
export const rowsOf = ({ contacts, events }: Profile, kind: Kind): readonly FieldRule[] =>
  (kind === 'contact' ? contacts.mapping : events?.mapping)?.fields ?? [];

async function broken(
  live: LivePlatform,
  of: Omit<Parameters<typeof previewMapping>[1], 'pair'> & { readonly kind: Kind },
): Promise<readonly Problem[]> {
  if (of.fields.length === 0) return [];
  try {
    const found = await live.use(async (platform) =>
      previewMapping(platform, { ...of, pair: await somePair(platform, of) }),
    );
    return found.problems;
  } catch (error) {
    if (isNobody(error)) return [];
    throw error;
  }
}
