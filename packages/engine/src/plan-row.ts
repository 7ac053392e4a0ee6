import type { Fields, FieldValue, Link, Side, StoreRecord } from '@tidelock/core';
import { type Core, store } from './effect.ts';
import { heldFieldsOf } from './held-fields.ts';
import type { Lane, Pass } from './lane.ts';
import { getFields } from './lens.ts';
import { changesOf, type PlannedWrite, SIDES } from './link-plan.ts';
import { mailOf } from './mail.ts';
import type { PlanItem, RecordRef, Risk } from './plan-item.ts';
import { TITLE_FIELDS, titleOf } from './sending.ts';
import { sayValue } from './sentence.ts';
import { isSketched } from './sketch.ts';
import type { Work } from './work.ts';

const NOTHING = {
  side: null,
  held: null,
  emails: 0,
  withheld: 0,
  changes: [],
  conflicts: [],
  match: null,
  question: null,
};

function refsOf(work: Work, side: Side): RecordRef[] {
  const { link } = work.plan;
  const ref = link[side];
  if (ref === null) return [];
  const seen = work.seen[side];
  if (seen.state === 'found' || seen.state === 'out')
    return [{ id: ref.id, version: seen.record?.version ?? null }];
  const gone = seen.state === 'gone' || (side === 'a' ? link.goneA : link.goneB);
  return [{ id: ref.id, version: gone || ref.version === '' ? null : ref.version }];
}

/** What to call the record of a pair, by what its sides show now. */
export function titleFor(lane: Lane, work: Work, sent: Fields = {}): string {
  const { shownA, shownB } = work.plan.link;
  const found = (name: string): FieldValue | undefined => {
    const field = lane.mapping.byName.get(name);
    for (const side of SIDES) {
      const seen = work.seen[side];
      const native = seen.state === 'found' ? seen.record.fields[field?.property[side] ?? ''] : undefined;
      if (field !== undefined && native !== undefined) return field.clean(native);
    }
    return shownA !== null && name in shownA ? shownA[name] : shownB?.[name];
  };
  const fields: Record<string, FieldValue> = {};
  for (const name of TITLE_FIELDS) fields[name] = (name in sent ? sent[name] : found(name)) ?? null;
  return titleOf(fields);
}

export function riskOf(write: Pick<PlannedWrite, 'op' | 'changes'>): Risk {
  if (write.op !== 'update') return write.op;
  if (write.changes.some((change) => change.new === null)) return 'blank';
  return write.changes.some((change) => change.old !== null) ? 'overwrite' : 'fill';
}

/** Fields that would newly wait for a person, with what both sides show. */
function heldFieldRows(pass: Pass, work: Work, base: RowBase): PlanItem[] {
  const { mapping } = pass.lane;
  return heldFieldsOf(pass, work.plan).map(({ field, id }) => {
    const value = (side: Side): string => {
      const seen = work.seen[side];
      const shown = side === 'a' ? work.plan.link.shownA : work.plan.link.shownB;
      const fields = seen.state === 'found' ? getFields(mapping, side, seen.record) : (shown ?? {});
      return sayValue(fields[field] ?? null);
    };
    const values = `${value('a')} in the mailbox, ${value('b')} in the CRM`;
    const reasons = [`"${field}" was changed on both sides: ${values}; neither is written.`];
    const question = { id, kind: 'conflict', score: null, reasons } as const;
    return { ...base, ...NOTHING, action: 'review', risk: 'review', question };
  });
}

type RowBase = Pick<PlanItem, 'linkId' | 'title' | 'rule' | 'a' | 'b'>;

/** The rows of one pair: that it is made, what is asked, what is written. Empty when nothing happens to it. */
export function rowsOf(pass: Pass, work: Work): PlanItem[] {
  const { plan } = work;
  const { id } = plan.link;
  const base: RowBase = {
    linkId: isSketched(id) ? null : id,
    title: titleFor(pass.lane, work),
    rule: plan.rule,
    a: refsOf(work, 'a'),
    b: refsOf(work, 'b'),
  };
  const rows: PlanItem[] = heldFieldRows(pass, work, base);
  const score = pass.sketch?.matches.get(id);
  if (score !== undefined) {
    const match = { score: score.points, reasons: score.reasons };
    rows.push({ ...base, ...NOTHING, rule: 'match', action: 'link', risk: 'link', match });
  }
  if (plan.writes.length === 0 && (plan.action === 'unlink' || plan.action === 'freeze'))
    rows.push({ ...base, ...NOTHING, action: plan.action, risk: 'none' });
  for (const write of plan.writes) {
    const { op, side, conflicts } = write;
    const changes = changesOf(write);
    const { emails, withheld } = mailOf(pass, work, write);
    const mail = { emails, withheld };
    rows.push({ ...base, ...NOTHING, ...mail, action: op, side, risk: riskOf(write), changes, conflicts });
  }
  return rows;
}

/** Pairs that a read of this pass found outside folder, filter or owner. */
export function frozenRows(links: readonly Link[]): PlanItem[] {
  return links.flatMap((link): PlanItem[] => {
    if (link.status !== 'out') return [];
    const ref = (side: Side): RecordRef[] => {
      const at = link[side];
      return at === null ? [] : [{ id: at.id, version: at.version === '' ? null : at.version }];
    };
    const title = titleOf({ ...link.shownB, ...link.shownA });
    const base = { linkId: link.id, title, rule: 'left the scope', a: ref('a'), b: ref('b') };
    return [{ ...base, ...NOTHING, action: 'freeze', risk: 'none' }];
  });
}

const READ_CHUNK = 500;

/** Contents of records that a question is about: from this pass's cache, else read. */
function* recordsOf(pass: Pass, side: Side, ids: readonly string[]): Core<Map<string, StoreRecord>> {
  const found = new Map<string, StoreRecord>();
  for (const id of ids) {
    const cached = pass.lane.cache.get(side, id, '');
    if (cached !== undefined) found.set(id, cached);
  }
  const missing = ids.filter((id) => !found.has(id));
  for (let start = 0; start < missing.length; start += READ_CHUNK) {
    const reads = yield* store(side, 'read', missing.slice(start, start + READ_CHUNK));
    for (const read of reads) if (read.state === 'found') found.set(read.id, read.record);
  }
  return found;
}

/** What a person would be asked about records: doubtful matches, duplicates, merges. */
export function* questionRows(pass: Pass): Core<PlanItem[]> {
  const reviews = pass.sketch?.reviews ?? [];
  const idsOn = (side: Side): string[] => [
    ...new Set(reviews.flatMap((review) => (side === 'a' ? review.aIds : review.bIds))),
  ];
  const records = { a: yield* recordsOf(pass, 'a', idsOn('a')), b: yield* recordsOf(pass, 'b', idsOn('b')) };
  return reviews.map((review) => {
    const ids = { a: review.aIds, b: review.bIds };
    const refs = (side: Side): RecordRef[] =>
      ids[side].toSorted().map((id) => ({ id, version: records[side].get(id)?.version ?? null }));
    const titles = SIDES.map((side) =>
      ids[side]
        .map((id) => {
          const record = records[side].get(id);
          return record === undefined ? '?' : titleOf(getFields(pass.lane.mapping, side, record));
        })
        .join(', '),
    );
    const { id, kind, score, reasons, linkId } = review;
    const base = { linkId, title: titles.join(' ↔ '), rule: kind, a: refs('a'), b: refs('b') };
    const question = { id, kind, score, reasons };
    return { ...base, ...NOTHING, action: 'review', risk: 'review', question };
  });
}
