import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { type LiveEvent, openEvents } from '../api/events.ts';
import { STATUS_KEY } from './badges.ts';

export interface Live {
  /** Null: not known yet. */
  readonly open: boolean | null;
  /** Newest first. */
  readonly events: readonly LiveEvent[];
}

const LiveContext = createContext<Live>({ open: null, events: [] });

export const useLive = (): Live => useContext(LiveContext);

const KEPT = 300;
/** What is shown is read again this long after an event, once for all that come meanwhile. */
const CALM_MS = 800;

/** One stream for the whole page; pages show it, and what they read before is read again. */
export function LivePlace({ children }: { readonly children: ReactNode }) {
  const [live, setLive] = useState<Live>({ open: null, events: [] });
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: STATUS_KEY });
        void client.invalidateQueries({ queryKey: ['runs'] });
        void client.invalidateQueries({ queryKey: ['item'] });
      }, CALM_MS);
    };
    const close = openEvents({
      onState: (open) => setLive((before) => ({ ...before, open })),
      onEvent: (event) => {
        setLive((before) => ({ open: true, events: [event, ...before.events].slice(0, KEPT) }));
        refresh();
      },
    });
    return () => {
      clearTimeout(timer);
      close();
    };
  }, [client]);
  return <LiveContext value={live}>{children}</LiveContext>;
}
