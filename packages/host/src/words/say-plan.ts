import type { PlanItem } from '@tidelock/engine';
import { SIDE } from './words.ts';

const HEADING: Record<PlanItem['action'], string> = {
  link: 'link, as one person on both sides',
  create: 'create in',
  update: 'change in',
  delete: 'delete from',
  unlink: 'unlink for good; both records stay',
  freeze: 'leave alone: outside folder, filter or owner',
  review: 'ask a person; nothing is done until then',
};

/** What a plan does, in the order in which it is told. */
export const PLAN_ACTIONS = Object.keys(HEADING) as readonly PlanItem['action'][];

/** `change in the CRM` */
export function headingOf(item: Pick<PlanItem, 'action' | 'side'>): string {
  return `${HEADING[item.action]}${item.side === null ? '' : ` the ${SIDE[item.side]}`}`;
}
