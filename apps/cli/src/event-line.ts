import type { FeedEvent, Happening } from '@tidelock/host';
import type { Cli } from './cli.ts';
import { printable } from './table.ts';
import { duration, plural } from './words.ts';

type Item = Happening & { readonly type: 'item' };

const DONE = { create: 'created', update: 'updated', delete: 'deleted' } as const;
const SIDE = { a: '→ mailbox', b: '→ CRM' } as const;

const time = (at: number): string => new Date(at).toTimeString().slice(0, 8);

function sayItem({ op, side, title, fields, rule, label }: Item): string {
  const changed = op === 'update' && fields.length > 0 ? ` (${fields.join(', ')})` : '';
  return `${printable(label)}  ${SIDE[side].padEnd(9)}  ${DONE[op]}  ${printable(title)}${changed}  ${rule}`;
}

function sayError(of: Happening & { readonly type: 'error' }, at: number): string {
  const again = of.retryAt === null ? '' : ` Next try in ${duration(Math.max(0, of.retryAt - at))}.`;
  const remedy = of.remedy === null ? '' : ` ${of.remedy}`;
  return `${printable(of.label)}: ${printable(of.message)} (${of.kind}).${printable(remedy)}${again}`;
}

function wordsOf(cli: Cli, { at, of }: FeedEvent): string | null {
  const { good, warn, bad, dim } = cli.style();
  switch (of.type) {
    case 'item':
      return `${good('wrote')}  ${sayItem(of)}`;
    case 'error':
      return `${bad('error')}  ${sayError(of, at)}`;
    case 'review.opened':
      return `${warn('asks ')}  ${printable(of.label)}: ${plural(of.count, 'question')}. ${dim('→ tidelock review')}`;
    case 'hold': {
      const deletes = of.deletes > 0 ? `${plural(of.deletes, 'delete')} wait for approval` : '';
      const mail = of.withheld > 0 ? `${plural(of.withheld, 'change')} would send mail to people` : '';
      const what = [deletes, mail].filter((part) => part !== '').join('; ');
      return `${warn('holds')}  ${printable(of.label)}: ${what}. ${dim('→ tidelock status')}`;
    }
    case 'lag':
      return of.late === 0
        ? `${good('again')}  every mailbox is in step again`
        : `${warn('late ')}  ${plural(of.late, 'mailbox', 'mailboxes')} not in step, the longest for ${duration(of.worstMs)}`;
    case 'key':
      return `${warn('key  ')}  the certificate of ${of.keyName}: ${of.days < 0 ? 'has ended' : `${plural(of.days, 'day')} left`}. ${dim('→ tidelock keys')}`;
    case 'roster':
      return `${dim('who  ')}  ${plural(of.lanes, 'mailbox or calendar', 'mailboxes and calendars')} (${of.joined} joined, ${of.left} left)`;
    default:
      return null;
  }
}

/** One line for what people want to know; null = it is for programs. */
export function eventLine(cli: Cli, event: FeedEvent): string | null {
  const words = wordsOf(cli, event);
  return words === null ? null : `${cli.style().dim(time(event.at))}  ${words}`;
}
