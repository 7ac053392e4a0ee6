import {
  type FieldRule,
  type HistoryRow,
  type Intent,
  isAdapterError,
  type LaneRow,
  type Link,
  type Suspect,
  type SyncState,
} from '@tidelock/core';
import {
  type Canon,
  type CompiledMapping,
  type Desk,
  type LanePolicy,
  type Sentence,
  titleOf,
  type WhyInput,
  why,
  whyField,
  whyHeldValues,
  whySuspect,
} from '@tidelock/engine';
import { type Found, findItems } from './find-items.ts';

/** Rows of history that one explanation walks back through. */
const HISTORY = 500;
/** Records without a pair whose names are read. */
const NAMES = 20;

export interface ExplainedItem {
  readonly laneId: string;
  readonly mailbox: string;
  /** `pair`: known on both sides, or to be. `record`: one that has no pair yet. */
  readonly kind: 'pair' | 'record';
  /** Id of the pair; null for a record. */
  readonly linkId: string | null;
  readonly title: string;
  readonly status: Link['status'] | Suspect['why'];
  /** Native ids. */
  readonly mailboxId: string | null;
  readonly crmId: string | null;
  readonly sentences: readonly Sentence[];
  readonly fields: readonly { readonly field: string; readonly sentences: readonly Sentence[] }[];
}

export interface Explanation {
  readonly items: readonly ExplainedItem[];
  /** More match than were asked for. */
  readonly more: boolean;
  /** Why the stores could not be asked what their fields hold, where that would have told more. */
  readonly unasked: string | null;
}

export interface ExplainQuery {
  /** E-mail address, part of a name or of a subject, or an id. */
  readonly query: string;
  /** Only this field, in full. */
  readonly field?: string | undefined;
  /** Items at most. */
  readonly limit: number;
}

export interface LaneRules {
  readonly rules: readonly FieldRule[];
  readonly policy: Pick<LanePolicy, 'create' | 'onDelete' | 'events'>;
  readonly sentences: readonly Sentence[];
}

export interface ExplainContext {
  readonly state: SyncState;
  readonly canon: Canon;
  /** Mailboxes of the configuration, also those that no rule names any more. */
  lanes(): Promise<readonly LaneRow[]>;
  /** The rules that a mailbox follows, and what of them bears on everything in it. */
  about(laneId: string): Promise<LaneRules>;
  /** Asks both stores. */
  mappingOf(laneId: string): Promise<CompiledMapping | null>;
  /** Reads a record. */
  shows: Desk['shows'];
}

type Shared = Pick<WhyInput, 'policy' | 'rules' | 'lane' | 'mapping'>;

export const titleOfLink = (link: Link): string => titleOf({ ...link.shownB, ...link.shownA });

const differs = (link: Link, rule: FieldRule): boolean =>
  JSON.stringify(link.shownA?.[rule.field]) !== JSON.stringify(link.shownB?.[rule.field]);

function explainLink(
  link: Link,
  of: {
    found: Found;
    intents: readonly Intent[];
    history: readonly HistoryRow[];
    shared: Shared;
    field?: string | undefined;
  },
): ExplainedItem {
  const { found, shared } = of;
  const input: WhyInput = {
    ...shared,
    link,
    intents: of.intents.filter((intent) => intent.linkId === link.id),
    history: of.history,
    reviews: found.reviews.filter((review) => review.linkId === link.id),
    suspects: found.reported.filter(({ side, id }) => (side === 'a' ? link.a : link.b)?.id === id),
  };
  const names = of.field === undefined ? shared.rules.map((rule) => rule.field) : [of.field];
  return {
    laneId: link.laneId,
    mailbox: found.lane.label,
    kind: 'pair',
    linkId: link.id,
    title: titleOfLink(link),
    status: link.status,
    mailboxId: link.a?.id ?? null,
    crmId: link.b?.id ?? null,
    sentences: why(input),
    fields: names.map((field) => ({ field, sentences: whyField(input, field) })),
  };
}

function explainRecord(suspect: Suspect, found: Found, asked: Asked): ExplainedItem {
  const { side, id } = suspect;
  const reviews = found.reviews.filter(({ aIds, bIds }) => (side === 'a' ? aIds : bIds).includes(id));
  return {
    laneId: suspect.laneId,
    mailbox: found.lane.label,
    kind: 'record',
    linkId: null,
    title: asked.names.get(side + id) ?? '(name not known)',
    status: suspect.why,
    mailboxId: side === 'a' ? id : null,
    crmId: side === 'b' ? id : null,
    sentences: whySuspect({ suspect, reviews, lane: found.lane }),
    fields: [],
  };
}

interface Asked {
  readonly mapping: CompiledMapping | null;
  /** Sentences about held fields, by pair. */
  readonly held: ReadonlyMap<string, readonly Sentence[]>;
  /** Names of records without a pair, by side and id. */
  readonly names: ReadonlyMap<string, string>;
  readonly unasked: string | null;
}

async function heldValues(context: ExplainContext, links: readonly Link[]): Promise<Asked['held']> {
  const held = new Map<string, readonly Sentence[]>();
  for (const link of links.filter(({ holds, status }) => holds.length > 0 && status === 'live')) {
    const a = link.a && (await context.shows(link.laneId, 'a', link.a.id));
    const b = link.b && (await context.shows(link.laneId, 'b', link.b.id));
    if (a !== null && b !== null)
      held.set(
        link.id,
        link.holds.map((field) => whyHeldValues(field, { a, b })),
      );
  }
  return held;
}

/** No content is kept of records without a pair: what they are called is read. */
async function namesOf(context: ExplainContext, records: readonly Suspect[]): Promise<Asked['names']> {
  const names = new Map<string, string>();
  for (const { laneId, side, id } of records.slice(0, NAMES)) {
    const fields = await context.shows(laneId, side, id);
    if (fields !== null) names.set(side + id, titleOf(fields));
  }
  return names;
}

/**
 * Asks the stores where that tells more: for a field that was asked about, that differs or is held, and for the names
 * of records without a pair.
 */
async function askStores(
  context: ExplainContext,
  found: Found,
  of: { field: string | undefined; rules: readonly FieldRule[] },
): Promise<Asked> {
  const { field, rules } = of;
  const nothing = { mapping: null, held: new Map(), names: new Map(), unasked: null };
  const telling = (link: Link): boolean =>
    link.shownA !== null && (link.holds.length > 0 || rules.some((rule) => differs(link, rule)));
  const useful = found.links.length > 0 && (field !== undefined || found.links.some(telling));
  try {
    const names = await namesOf(context, found.records);
    if (!useful) return { ...nothing, names };
    const mapping = await context.mappingOf(found.lane.id);
    return { mapping, held: await heldValues(context, found.links), names, unasked: null };
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return { ...nothing, unasked: error.message };
  }
}

/** What became of whatever the query names, and why, in every configured mailbox. Reads only. */
export async function explain(context: ExplainContext, query: ExplainQuery): Promise<Explanation> {
  const { state, canon } = context;
  const items: ExplainedItem[] = [];
  let more = false;
  let unasked: string | null = null;
  for (const lane of await context.lanes()) {
    const limit = query.limit - items.length;
    if (limit <= 0) {
      more = true;
      break;
    }
    const found = await findItems(state, lane, { query: query.query, canon, limit });
    more ||= found.more || found.links.length + found.records.length > limit;
    if (found.links.length + found.records.length === 0) continue;
    const { rules, policy, sentences } = await context.about(lane.id);
    const asked = await askStores(context, found, { field: query.field, rules });
    unasked ??= asked.unasked;
    const intents = await state.openIntentsOf(lane.id);
    const shared = { lane, policy, rules: [...rules], mapping: asked.mapping };
    for (const link of found.links) {
      const history = await state.history(lane.id, { linkId: link.id, limit: HISTORY });
      const item = explainLink(link, { found, intents, history, shared, field: query.field });
      const held = asked.held.get(link.id) ?? [];
      items.push({ ...item, sentences: [...item.sentences, ...held, ...sentences] });
    }
    const records = found.records.map((suspect) => explainRecord(suspect, found, asked));
    items.push(...records.map((item) => ({ ...item, sentences: [...item.sentences, ...sentences] })));
  }
  return { items: items.slice(0, query.limit), more, unasked };
}
