const CALENDAR = ' (calendar)';

/** What the lane of somebody's calendar is called; that of the contacts is called as the mailbox is. */
export const calendarLabel = (address: string): string => address + CALENDAR;

/** The address of the mailbox that a lane is called after. */
export const addressOf = (label: string): string =>
  label.endsWith(CALENDAR) ? label.slice(0, -CALENDAR.length) : label;
