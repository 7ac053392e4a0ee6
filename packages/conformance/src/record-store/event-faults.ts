import type { Attendee, Write } from '@tidelock/core';
import { cases, type StoreFault } from './fault.ts';

const needsNotifies: StoreFault['needs'] = ({ capabilities }) =>
  capabilities.events?.notifies ? null : 'the store notifies nobody: events.notifies is not declared';

const needsStrangers: StoreFault['needs'] = ({ tellsStrangers }) =>
  tellsStrangers ? null : 'the store has no `strangers`: people on events are no records of their own';

/** Everybody whom a write puts on an event. */
const peopleOf = (write: Write): readonly Attendee[] =>
  Object.values(write.op === 'create' ? write.fields : {}).flatMap((value) =>
    typeof value === 'object' && value !== null && 'attendees' in value ? value.attendees : [],
  );

/** Mistakes that only a store of events can make. */
export const eventFaults: readonly StoreFault[] = [
  {
    name: 'an audience that is not declared',
    noticedBy: cases('090'),
    needs: ({ capabilities }) => (capabilities.events?.notifies ? 'events.notifies is declared' : null),
    breaks: () => ({ audience: () => [] }),
  },
  {
    name: 'nobody would hear of a write',
    noticedBy: cases('091', '092'),
    needs: needsNotifies,
    breaks: () => ({ audience: () => [] }),
  },
  {
    name: 'nobody would hear of a delete',
    noticedBy: cases('092'),
    needs: needsNotifies,
    breaks: ({ audience }) => ({
      audience: (write) => (write.op === 'delete' ? [] : (audience?.(write) ?? [])),
    }),
  },
  {
    name: 'everybody on an event is a stranger',
    noticedBy: cases('099'),
    needs: needsStrangers,
    breaks: () => ({ strangers: async (batch) => batch.map(peopleOf) }),
  },
  {
    name: 'nobody is a stranger',
    noticedBy: cases('099'),
    needs: needsStrangers,
    breaks: () => ({ strangers: async (batch) => batch.map(() => []) }),
  },
  {
    name: 'strangers are told of the first write only',
    noticedBy: cases('099'),
    needs: needsStrangers,
    breaks: ({ strangers }) => ({
      strangers: async (batch, options) => {
        const told = (await strangers?.(batch, options)) ?? [];
        return [told.flat(), ...told.slice(1).map(() => [])];
      },
    }),
  },
  {
    name: 'any key of a shared event finds every event',
    noticedBy: cases('093'),
    breaks: (store) => ({
      findShared: async (keys, options) => {
        const feed = (await store.feeds(options))[0]?.key ?? '';
        const { records } = await store.list(feed, null, options);
        return keys.map(() => records);
      },
    }),
  },
];
