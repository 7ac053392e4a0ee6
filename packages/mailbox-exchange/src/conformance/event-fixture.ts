import type { EventOracle, RecordStoreFixture, SeriesOracle } from '@tidelock/conformance';
import {
  type EventWindow,
  type Fields,
  type FieldValue,
  type People,
  type RecordStore,
  toWall,
} from '@tidelock/core';
import { splitBody } from '../event-body.ts';
import { fromGraphRecurrence } from '../event-rule.ts';
import { toEventBody, toGraphEvent } from '../event-write-map.ts';
import { fromZoneName } from '../event-zones.ts';
import { createFaults } from './fixture.ts';
import { signIn } from './sign-in.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

/** A year around the clock of the tests. */
export const WINDOW: EventWindow = { from: '2026-10-24', to: '2027-11-23' };

type Truth = NonNullable<ReturnType<World['emulator']['oracle']['event']>>;

const orNull = (text: string): string | null => (text === '' ? null : text);

function timeOf({ start, end, isAllDay }: Pick<Truth, 'start' | 'end' | 'isAllDay'>): FieldValue {
  const show = ({ dateTime }: Truth['start']): string => dateTime.slice(0, isAllDay ? 10 : 19);
  const zone = isAllDay ? null : fromZoneName(start.timeZone);
  return { kind: 'time', start: show(start), end: show(end), zone };
}

const RESPONSES: Readonly<Record<string, People['attendees'][number]['response']>> = {
  accepted: 'accepted',
  declined: 'declined',
  tentativelyAccepted: 'tentative',
};

function peopleOf({ attendees, organizer }: Truth): FieldValue {
  const others = attendees.flatMap(({ type, emailAddress, status }) =>
    emailAddress.address === undefined
      ? []
      : [
          {
            email: emailAddress.address,
            ...(emailAddress.name === emailAddress.address ? {} : { name: emailAddress.name }),
            role: type,
            response: RESPONSES[status.response] ?? ('none' as const),
          },
        ],
  );
  return others.length === 0 ? null : { kind: 'people', organizer, attendees: others };
}

/** What Outlook shows of an event, by the names of the adapter's catalogue. */
export function toTruth(event: Truth): Fields {
  const time = timeOf(event);
  const { recurrence, isAllDay } = event;
  const zone = isAllDay ? null : fromZoneName(event.start.timeZone);
  const rule =
    recurrence === null
      ? null
      : fromGraphRecurrence(JSON.parse(JSON.stringify(recurrence)), { zone, allDay: isAllDay });
  return {
    subject: orNull(event.subject),
    location: orNull(event.locations[0]?.displayName ?? ''),
    body: orNull(splitBody(event.body, event.onlineMeeting?.joinUrl ?? null).text),
    time,
    recurrence: rule ?? null,
    people: peopleOf(event),
    showAs: event.showAs,
    sensitivity: event.sensitivity,
    categories: event.categories.length === 0 ? null : event.categories,
    webLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(event.immutableId)}&exvsurl=1&path=/calendar/item`,
    uid: event.uid,
    joinUrl: event.onlineMeeting?.joinUrl ?? null,
    reminder: event.isReminderOn ? String(event.reminderMinutesBeforeStart) : null,
  };
}

/** What a person sees and does in a series. */
function createSeriesOracle({ admin, ann, emulator }: World): SeriesOracle {
  const bounds = ({ from, to }: EventWindow) => ({
    start: Date.parse(`${from}T00:00:00Z`),
    end: Date.parse(`${to}T00:00:00Z`),
  });
  const truth = (id: string): Truth => {
    const event = emulator.oracle.event(ann, id);
    if (event === undefined) throw new Error('no such event');
    return event;
  };
  const instances = (id: string, window: EventWindow) =>
    emulator.oracle.instances(ann, bounds(window)).filter((each) => each.seriesMasterId === truth(id).id);
  const occurrence = (id: string, key: string): string => {
    const zone = fromZoneName(truth(id).start.timeZone) ?? 'UTC';
    const day = key.length === 10 ? key : toWall(Date.parse(key), zone).slice(0, 10);
    const found = instances(id, { from: '2020-01-01', to: '2040-01-01' }).find((each) => each.day === day);
    if (found === undefined) throw new Error(`no occurrence on ${day}`);
    return found.id;
  };
  return {
    starts: async (id, window) =>
      instances(id, window).map(({ start, isAllDay }) =>
        new Date(start).toISOString().replace(isAllDay ? /T.*/ : '.000Z', isAllDay ? '' : 'Z'),
      ),
    cancel: async (id, key) => void admin.deleteEvent(ann, occurrence(id, key)),
    change: async (id, key, patch) =>
      void admin.updateEvent(ann, occurrence(id, key), toEventBody(patch, undefined)),
  };
}

/** Meetings with a room of Teams, whose block stands in the body. */
function createMeetings({ admin, ann, ben, emulator }: World): Omit<EventOracle, 'series'> {
  const body = (id: string): string => emulator.oracle.event(ann, id)?.body ?? '';
  return {
    async userMeetOnline(id) {
      admin.updateEvent(ann, id, { isOnlineMeeting: true, onlineMeetingProvider: 'teamsForBusiness' });
      const { block } = splitBody(body(id), emulator.oracle.event(ann, id)?.onlineMeeting?.joinUrl ?? null);
      return block;
    },
    body: async (id) => body(id),
    async userInvited(fields) {
      const attendees = [{ type: 'required', emailAddress: { name: 'ann', address: 'ann@contoso.example' } }];
      const { immutableId } = admin.createEvent(ben, { ...toGraphEvent(fields), attendees });
      const uid = emulator.oracle.event(ben, immutableId)?.uid;
      const copy = emulator.oracle.events(ann).find((event) => event.uid === uid);
      if (copy === undefined) throw new Error('no copy arrived');
      return copy.immutableId;
    },
  };
}

/** A person at Outlook. */
function createOracle(world: World): RecordStoreFixture['oracle'] {
  const { admin, ann, emulator } = world;
  const elsewhere = admin.createCalendar(ann, 'Elsewhere').id;
  const inside = () => emulator.oracle.events(ann).filter((event) => event.calendarId !== elsewhere);
  return {
    all: async () =>
      inside().map((event) => ({
        id: event.immutableId,
        fields: toTruth(event),
        stamp: event.extended.find(({ id }) => id.endsWith(' Name TidelockStamp'))?.value ?? null,
      })),
    userCreate: async (fields) => admin.createEvent(ann, toGraphEvent(fields)).immutableId,
    userUpdate: async (id, patch) => void admin.updateEvent(ann, id, toGraphEvent(patch)),
    userDelete: async (id) => void admin.deleteEvent(ann, id),
    userMove: async (id) => void admin.moveEvent(ann, id, elsewhere),
    events: { series: createSeriesOracle(world), ...createMeetings(world) },
  };
}

/** The calendar of a mailbox, with everything that an event can be but the rules of series, which have cases of their own. */
export async function createEventFixture(
  given: WorldOptions = {},
): Promise<RecordStoreFixture & { readonly world: World; readonly store: RecordStore }> {
  const world = await createWorld({ signIn, ...given });
  return {
    world,
    store: world.port.open({ mailbox: world.ann, kind: 'event', window: WINDOW }),
    oracle: createOracle(world),
    faults: createFaults(world),
    clock: { advance: (ms) => world.clock.advance(ms) },
    sample: {
      name: 'subject',
      text: 'location',
      untouched: ['recurrence', 'occurrences'],
      refused: { subject: 'x'.repeat(256) },
    },
    requests: () => world.seen.length,
    leaks: { secrets: world.tokens.issued, logged: () => world.lines.join('\n') },
    dispose: () => world.port.close(),
  };
}
