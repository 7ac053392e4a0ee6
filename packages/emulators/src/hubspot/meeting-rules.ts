import { invalid } from './api-error.ts';

type Values = Readonly<Record<string, string>>;

const EVENT_HANDLER = /\son[a-z]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi;
const ACTIVE = /<(script|style|iframe)\b[^>]*>[\s\S]*?<\/\1\s*>/gi;

/** Descriptions are HTML, and nothing in them runs. */
const sanitized = (html: string): string => html.replace(ACTIVE, '').replace(EVENT_HANDLER, '');

/**
 * What a meeting keeps of a write: its place on the timeline is its start, whether that is said or not, and descriptions are
 * sanitized. Throws where the two are said and differ.
 */
export function meetingValues(before: Values, changes: Values): Record<string, string> {
  const { hs_timestamp: place, hs_meeting_start_time: start, hs_meeting_body: body } = changes;
  const values = { ...changes };
  if (place !== undefined && start !== undefined && start !== '' && place !== start)
    throw invalid('hs_timestamp must be equal to hs_meeting_start_time');
  if (start !== undefined && start !== '') values.hs_timestamp = start;
  else if (place !== undefined && place !== '' && (before.hs_meeting_start_time ?? '') !== '')
    values.hs_meeting_start_time = place;
  if (body !== undefined) values.hs_meeting_body = sanitized(body);
  return values;
}
