import type { DayNumber } from '../calendar-day.ts';
import type { ChangeLog } from '../change-log.ts';
import type { EmailAddress } from '../contact-content.ts';
import type { EventContent } from './event-content.ts';
import type { TimeIndex } from './time-index.ts';

/** One event, or a whole series with what was changed of it: they have one version, as on the wire. */
export interface StoredEvent {
  /** The default id; changes with the calendar. */
  id: string;
  readonly immutableId: string;
  changeKey: string;
  readonly createdAt: number;
  modifiedAt: number;
  content: EventContent;
  extended: ReadonlyMap<string, string>;
  /** What each changed occurrence has of its own, by its date in the pattern. */
  exceptions: ReadonlyMap<DayNumber, Partial<EventContent>>;
  cancelled: ReadonlySet<DayNumber>;
  /** The same in the copies of organizer and attendees. */
  readonly uid: string;
  /** What the create was stamped with; `key` is unique per application. */
  readonly transaction: { readonly id: string; readonly key: string } | undefined;
  readonly organizer: EmailAddress;
  readonly isOrganizer: boolean;
  /** Delta keeps silent about it, as the service sometimes does. */
  isHiddenFromDelta: boolean;
  /** Undefined once deleted. */
  calendar: Calendar | undefined;
  row: number;
}

export interface Calendar {
  readonly id: string;
  readonly tag: string;
  readonly isDefault: boolean;
  name: string;
  color: string;
  changeKey: string;
  /** In creation order; holes where events left. */
  rows: (StoredEvent | undefined)[];
  live: number;
  readonly log: ChangeLog<StoredEvent>;
  readonly times: TimeIndex<StoredEvent>;
  /** The last filtered or sorted listing, so that paging through it stays linear. */
  memo: { key: string; version: number; rows: readonly unknown[] } | undefined;
}

export interface EventTombstone {
  readonly id: string;
  readonly immutableId: string;
  readonly calendarId: string;
  readonly at: number;
  readonly by: 'app' | 'user' | 'service';
  readonly subject: string;
}
