import { type ActingPlatform, type Candidate, type LivePlatform, previewMapping } from '@tidelock/host';
import { Refusal } from './problem.ts';

export interface Pair {
  readonly mailboxId: string | null;
  readonly crmId: string | null;
}

const FIRST_PAIRS = 20;

/** A pair that is kept in step with this CRM, to try a mapping on; null = there is none yet. */
export async function somePair(
  platform: ActingPlatform,
  of: { readonly crm: string; readonly mailbox?: string | undefined },
): Promise<Pair | null> {
  const lanes = (await platform.lanes()).filter(
    ({ kind, crm, mailbox }) =>
      kind === 'contact' && crm === of.crm && (of.mailbox === undefined || mailbox === of.mailbox),
  );
  for (const { id } of lanes) {
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
    const { fields } = profile.contacts.mapping;
    if (JSON.stringify(present?.contacts.mapping.fields) === JSON.stringify(fields)) return;
    const { crm } = profile;
    const { region } = config.sync;
    const found = await live
      .use(async (platform) =>
        previewMapping(platform, { fields, crm, region, pair: await somePair(platform, { crm }) }),
      )
      .catch((error: unknown) => {
        if (isNobody(error)) return null;
        throw error;
      });
    if (found === null || found.problems.length === 0) return;
    throw new Refusal(422, 'This mapping would not keep the two sides in step.', {
      code: 'mapping-laws',
      remedy: 'Mend the rows that are named; nothing was saved.',
      problems: found.problems,
    });
  };
}
