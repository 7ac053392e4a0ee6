import type { AssignmentRow } from '@tidelock/core';
import { type Sentence, sayInstant } from '@tidelock/engine';
import type { Config } from './config.ts';
import { eventPolicyOf } from './event-lanes.ts';
import type { LaneRules } from './explain.ts';
import { DEFAULT, type Profile } from './profiles/effective.ts';

type Naming = Pick<Config, 'mailboxes' | 'assign'>;

const say = (code: string, tone: Sentence['tone'], text: string): Sentence => ({
  ...{ code, tone, text, field: null, decide: null },
});

const stillNamed = (config: Naming, address: string): boolean =>
  [
    ...config.mailboxes.map((entry) => entry.address),
    ...config.assign.flatMap((rule) => rule.mailboxes ?? []),
  ].some((name) => name.toLowerCase() === address.toLowerCase());

/** The file can have changed since the last run. Who stands in a group is not known without asking. */
const isDropped = (config: Naming, address: string): boolean =>
  config.assign.every((rule) => rule.group === undefined) && !stillNamed(config, address);

const DROPPED =
  'Its pairs rest as they are: nothing is written or deleted, and when a rule names it again they go on from here.';

function sentencesOf(assignment: AssignmentRow): Sentence[] {
  const { address, profile, rule, removedAt, blocked } = assignment;
  if (removedAt !== null)
    return [
      say(
        'mailbox-removed',
        'rests',
        `No rule names the mailbox ${address} since ${sayInstant(removedAt)}. ${DROPPED}`,
      ),
    ];
  const follows = say('profile', 'fine', `The mailbox ${address} follows profile "${profile}" (${rule}).`);
  if (blocked === null) return profile === DEFAULT ? [] : [follows];
  const text = `The mailbox takes no part at present: ${blocked}. Nothing is written meanwhile, and nothing is lost.`;
  return [follows, say('mailbox-blocked', 'asks', text)];
}

function sentencesFor(
  assignment: AssignmentRow | null,
  of: { readonly config: Naming; readonly address: string },
): Sentence[] {
  if ((assignment?.removedAt ?? null) === null && isDropped(of.config, of.address)) {
    const text = `No rule names the mailbox ${of.address} any more. ${DROPPED}`;
    return [say('mailbox-removed', 'rests', text)];
  }
  return assignment === null ? [] : sentencesOf(assignment);
}

/** The rules of one mailbox, by what the last run noted. */
export function sayRules(
  assignment: AssignmentRow | null,
  of: {
    readonly config: Naming & Pick<Config, 'defaultProfile'>;
    readonly profiles: readonly Profile[];
    readonly address: string;
  },
): LaneRules {
  const name = assignment?.profile ?? of.config.defaultProfile;
  const profile = of.profiles.find((one) => one.name === name) ?? of.profiles[0];
  if (profile === undefined) throw new TypeError('there is always the default profile');
  const { create, onDelete, mapping } = profile.contacts;
  return {
    rules: mapping.fields,
    policy: {
      create: { a: create.mailbox, b: create.crm },
      onDelete: { a: onDelete.mailbox, b: onDelete.crm },
      events: eventPolicyOf(profile.events),
    },
    sentences: sentencesFor(assignment, of),
  };
}
