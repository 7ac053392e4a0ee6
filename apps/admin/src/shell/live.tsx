import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { type LiveEvent, openEvents } from '../api/events.ts';
import { type Going, goingAfter } from '../words/event-words.ts';
import { STATUS_KEY } from './badges.ts';

export interface Live {
  /** Null: not known yet. */
  readonly open: boolean | null;
  /** Newest first; without those that only say how far something is. */
  readonly events: readonly LiveEvent[];
  /** Mailboxes that are worked on now. */
  readonly going: ReadonlyMap<string, Going>;
}

const NOTHING: Live = { open: null, events: [], going: new Map<string, Going>() };

const LiveContext = createContext<Live>(NOTHING);

export const useLive = (): Live => useContext(LiveContext);

const KEPT = 2_000;
/** Events come in bursts: what came in this time is shown at once. */
const GATHER_MS = 200;
/** What is shown is read again this long after an event, once for all that come meanwhile. */
const CALM_MS = 800;

/** Read anew when something happened. */
const STALE = [STATUS_KEY, ['runs'], ['item'], ['reviews'], ['health']] as const;

function after(before: Live, came: readonly LiveEvent[]): Live {
  const going = came.reduce(goingAfter, before.going);
  const told = came.filter(({ type }) => type !== 'run.progress').toReversed();
  return { open: true, going, events: [...told, ...before.events].slice(0, KEPT) };
}

/** One stream for the whole page; pages show it, and what they read before is read again. */
export function LivePlace({ children }: { readonly children: ReactNode }) {
  const [live, setLive] = useState<Live>(NOTHING);
  const client = useQueryClient();
  useEffect(() => {
    let came: LiveEvent[] = [];
    let gathering: ReturnType<typeof setTimeout> | undefined;
    let calming: ReturnType<typeof setTimeout> | undefined;
    const refresh = (): void => {
      calming ??= setTimeout(() => {
        calming = undefined;
        for (const queryKey of STALE) void client.invalidateQueries({ queryKey });
      }, CALM_MS);
    };
    const show = (): void => {
      gathering = undefined;
      const shown = came;
      came = [];
      setLive((before) => after(before, shown));
      if (shown.some(({ type }) => type !== 'run.progress')) refresh();
    };
    const close = openEvents({
      onState: (open) => setLive((before) => ({ ...before, open })),
      onMissed: refresh,
      onEvent: (event) => {
        came.push(event);
        gathering ??= setTimeout(show, GATHER_MS);
      },
    });
    return () => {
      clearTimeout(gathering);
      clearTimeout(calming);
      close();
    };
  }, [client]);
  return <LiveContext value={live}>{children}</LiveContext>;
}
