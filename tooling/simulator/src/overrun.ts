import type { FieldValue } from '@tidelock/core';
import { type Overrun, tokenIn } from './ledger.ts';
import type { ModelStore, Row } from './model-store.ts';
import type { Sim } from './sim.ts';

/** What a write of ours is about to write over. */
interface Overwritten {
  readonly row: Row;
  readonly property: string;
  /** What is written; absent = the record is deleted. */
  readonly value?: FieldValue | undefined;
  /** The sender could not know that its time was over. */
  readonly late: boolean;
}

/** Lanes that have seen this value: it is in the base of a link, or on the other side. */
function observers(sim: Sim, row: Row, text: string): number[] {
  const shows = (store: ModelStore): boolean =>
    [...store.rows.values()].some(
      (other) => other !== row && other.state === 'live' && JSON.stringify(other.fields).includes(text),
    );
  return sim.a.flatMap((mailbox, lane) => {
    const links = [...(sim.state.tables.lanes.get(`lane-${lane}`)?.links.values() ?? [])];
    const based = links.some(
      ({ link }) =>
        (link.a?.id === row.id || link.b?.id === row.id) &&
        JSON.stringify([link.shownA, link.shownB]).includes(text),
    );
    return based || shows(mailbox) ? [lane] : [];
  });
}

/** Rule Z knows a value again that we have sent (5.6); one that the store re-formats in its own way is not that value. */
const isReformatted = (sim: Sim, property: string): boolean =>
  sim.options.toAndFro && property.toLowerCase() === 'town';

/**
 * Rule Z looks into the journal of the pair (5.6): what another pair of the record has sent is not there. What lands after the pair
 * went on in another link is not demanded either, although the engine mostly knows it (0175).
 */
function isOfThePair(sim: Sim, { row, property, value }: Overwritten): boolean {
  const { links } = sim.state.tables.lanes.get(`lane-${sim.sender.lane}`) ?? {};
  const pair = [...(links?.values() ?? [])].find(
    ({ link: { a, b, status } }) => status !== 'tomb' && (a?.id === row.id || b?.id === row.id),
  );
  return [...sim.state.tables.intents.values()].some(
    ({ linkId, targetId, patch }) =>
      linkId === pair?.link.id && targetId === row.id && patch[property] === value,
  );
}

/**
 * The accepted risks, and nothing else (9.6): a value that no lane had seen yet is R1. One that was seen can only be run
 * over by a late request of ours; the lane that sent it must know it again, where the store says who wrote.
 */
export function overrunOf(sim: Sim, store: ModelStore, of: Overwritten): Overrun {
  const text = tokenIn(of.row.fields[of.property]);
  const lanes = text === null ? [] : observers(sim, of.row, text);
  if (lanes.length === 0 || !of.late) return 'R1';
  if (isReformatted(sim, of.property) || !isOfThePair(sim, of)) return 'R2';
  return store.options.caps.modifiedBy && lanes.includes(sim.sender.lane) ? 'restore' : 'R2';
}
