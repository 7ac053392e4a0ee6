import type { GraphAnswer } from '../graph-call.ts';
import { jsonAnswer } from '../graph-call.ts';
import type { MailboxCall } from '../mailbox-call.ts';
import { readPage, readQueryOptions, withOption } from '../query-options.ts';
import { appliedHeaders } from './calendar-call.ts';
import { type EventView, type Shown, toGraphEvent } from './event-view.ts';

/** What listings of events take. */
export const LISTING = ['select', 'top', 'skip', 'filter', 'expand', 'orderby', 'count'] as const;

/** One page of rows, with a link to the next. */
export function answerRows(
  request: MailboxCall,
  rows: readonly Shown[],
  shape: { readonly context: string; readonly view: EventView },
): GraphAnswer {
  const { call } = request;
  const options = readQueryOptions(call.url, LISTING);
  const { top, skip } = readPage(options, { fallback: 10, max: 1000 });
  const more = skip + top < rows.length;
  return jsonAnswer(
    200,
    {
      '@odata.context': shape.context,
      ...(options.get('count') === 'true' ? { '@odata.count': rows.length } : {}),
      value: rows.slice(skip, skip + top).map((shown) => toGraphEvent(shown, shape.view)),
      ...(more ? { '@odata.nextLink': withOption(call.url, '$skip', String(skip + top)) } : {}),
    },
    appliedHeaders(request),
  );
}
