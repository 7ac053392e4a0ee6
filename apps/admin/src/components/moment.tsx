import { useEffect, useState } from 'react';
import { fromNow, stamp } from '../words/figures.ts';

const TICK_MS = 15_000;

/** The time now, again every few seconds. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** As the server writes it, or milliseconds since the epoch. */
type Instant = string | number;

const msOf = (at: Instant): number => (typeof at === 'number' ? at : Date.parse(at));

interface MomentProps {
  /** Null = never. */
  readonly at: Instant | null;
  readonly never?: string;
}

/** `3 minutes ago`, and the date when pointed at. */
export function Moment({ at, never = 'never' }: MomentProps) {
  const now = useNow();
  if (at === null) return <span className="muted">{never}</span>;
  const ms = msOf(at);
  return (
    <time dateTime={new Date(ms).toISOString()} title={stamp(ms)}>
      {fromNow(ms, now)}
    </time>
  );
}

/** `28 Nov 2026, 21:27` */
export function Stamp({ at }: { readonly at: Instant }) {
  const ms = msOf(at);
  return (
    <time className="nowrap" dateTime={new Date(ms).toISOString()}>
      {stamp(ms)}
    </time>
  );
}
