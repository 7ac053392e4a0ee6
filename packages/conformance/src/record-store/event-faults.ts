import { cases, type StoreFault } from './fault.ts';

const needsNotifies: StoreFault['needs'] = ({ capabilities }) =>
  capabilities.events?.notifies ? null : 'the store notifies nobody: events.notifies is not declared';

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
