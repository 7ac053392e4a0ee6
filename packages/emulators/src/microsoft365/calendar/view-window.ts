import type { Faults } from '../../kit/faults.ts';
import { badRequest, GraphFailure, invalidQuery } from '../graph-error.ts';
import type { Window } from '../series.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 1825;
const FORM = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/i;

/** With the offset that the value carries, else in UTC; `outlook.timezone` has no say here. */
function readInstant(text: string, name: string): number {
  const [date = '', offset] = [
    text.replace(/(Z|[+-]\d\d:?\d\d)$/i, ''),
    /T.*?(Z|[+-]\d\d:?\d\d)$/i.exec(text)?.[1],
  ];
  const whole = date.includes('T') ? date.replace(/(\.\d{3})\d+$/, '$1') : `${date}T00:00`;
  const at = FORM.test(text) ? Date.parse(`${whole}${offset ?? 'Z'}`) : Number.NaN;
  if (Number.isNaN(at))
    throw invalidQuery(`The value '${text}' of the query parameter '${name}' is not a valid date and time.`);
  return at;
}

const tooSlow = (): GraphFailure =>
  new GraphFailure(
    504,
    'UnknownError',
    'The server was acting as a gateway and did not get an answer in time.',
  );

/**
 * `startDateTime` and `endDateTime`, which every view of a calendar needs. Throws 400. Named fault: `slow-view` (504 for a view
 * of more days than data {days}).
 */
export function readWindow(url: URL, faults: Faults): Window {
  const read = (name: string): number => {
    const given = [...url.searchParams].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
    if (given === undefined || given === '')
      throw badRequest(
        `This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.`,
      );
    // A plus sign that nobody encoded arrives as a space.
    return readInstant(given.trim().replace(' ', '+'), name);
  };
  const window = { start: read('startDateTime'), end: read('endDateTime') };
  if (window.end < window.start)
    throw new GraphFailure(
      400,
      'ErrorInvalidParameter',
      'The value of EndDateTime lies before StartDateTime.',
    );
  if (window.end - window.start > MOST_DAYS * DAY_MS)
    throw new GraphFailure(
      400,
      'ErrorCalendarViewRangeTooBig',
      `Your request can't be completed. The range between the start and end dates is greater than the allowed range. Maximum number of days: ${MOST_DAYS}`,
    );
  const { days } = (faults.takeNamed('slow-view', `${url.pathname}${url.search}`)?.data ?? {}) as {
    readonly days?: number;
  };
  if (days !== undefined && window.end - window.start > days * DAY_MS) throw tooSlow();
  return window;
}
