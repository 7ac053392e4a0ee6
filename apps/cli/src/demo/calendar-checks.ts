import { HEARING, horizonOf } from './agenda.ts';
import { type Check, checkOf, exchangeWrites } from './checks.ts';
import type { Services } from './services.ts';
import type { Tally } from './tally.ts';

export interface CalendarTold {
  /** Everything that the syncs say they did to events. */
  readonly tally: Tally;
  /** Live pairs of calendars in the state store. */
  readonly pairs: number;
  /** E-mails that left because of the syncs, and people of the change that was withheld. */
  readonly notified: number;
  readonly withheld: number;
}

const isOpen = ({ sensitivity }: { readonly sensitivity: string }): boolean => sensitivity === 'normal';

/** What a person who looks for the calendars in the CRM should know: dates of series, and events that stay where they are. */
export function peculiarities({ microsoft365: { oracle, clock }, mailboxIds }: Services): {
  readonly dates: number;
  readonly private: number;
} {
  const rows = mailboxIds.flatMap((id) => oracle.instances(id, horizonOf(clock.now())));
  const events = mailboxIds.flatMap((id) => oracle.events(id));
  return {
    dates: rows.filter(({ seriesMasterId }) => seriesMasterId !== undefined).length,
    private: events.filter((event) => !isOpen(event)).length,
  };
}

/** Rows of all calendars that everybody may see, with an equal in the CRM: the same subject at the same instant. */
function equals({ microsoft365: { oracle, clock }, crm, mailboxIds }: Services): number {
  const keyOf = (event: { readonly subject: string; readonly start: number }): string =>
    JSON.stringify([event.subject, event.start]);
  const inCrm = new Set(crm.events().map(keyOf));
  return mailboxIds.reduce((sum, id) => {
    const isPrivate = new Set(
      oracle
        .events(id)
        .filter((event) => !isOpen(event))
        .map((event) => event.id),
    );
    const shown = oracle
      .instances(id, horizonOf(clock.now()))
      .filter((one) => !isPrivate.has(one.seriesMasterId ?? one.id));
    return sum + shown.filter((one) => inCrm.has(keyOf(one))).length;
  }, 0);
}

/** Who is on the meeting of the story besides its organizer. */
function guests({ microsoft365, mailboxIds }: Services): number {
  const own = mailboxIds.flatMap((id) => microsoft365.oracle.events(id)).filter((one) => one.isOrganizer);
  const hearing = own.find(({ subject }) => subject === HEARING);
  const addresses = hearing?.attendees.map(({ emailAddress }) => emailAddress.address) ?? [];
  return new Set(addresses).size;
}

/** E-mails of the integration, as both services count them; requests that could have caused one count as well. */
export function mailsSent({ microsoft365, crm }: Services): number {
  const { oracle } = microsoft365;
  return oracle.mails({ by: 'app' }).length + oracle.mailRequests().length + crm.mailRequests().length;
}

/** Compares what was told of calendars with what the services hold. Nothing in it comes from Tidelock but `told`. */
export function compareCalendars(services: Services, told: CalendarTold): readonly Check[] {
  const { a, b } = told.tally.writes;
  const written = (operation: string): number =>
    services.crm.eventWrites().filter((write) => write.operation === operation).length;
  const inExchange = (method: string): number => exchangeWrites(services, { method, area: 'events' });
  return [
    checkOf('events in the CRM', b.created - b.deleted, services.crm.events().length),
    checkOf('events created in the CRM', b.created, written('create')),
    checkOf('events changed in the CRM', b.changed, written('update')),
    checkOf('events created in mailboxes', a.created, inExchange('POST')),
    checkOf('events changed in mailboxes', a.changed, inExchange('PATCH')),
    checkOf('events in step', told.pairs, equals(services)),
    checkOf('people who would have got mail', told.withheld, guests(services)),
    checkOf('e-mails sent', told.notified, mailsSent(services)),
  ];
}
