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

interface MomentProps {
  /** Milliseconds since the epoch; null = never. */
  readonly at: number | null;
  readonly never?: string;
}

/** `3 minutes ago`, and the date when pointed at. */
export function Moment({ at, never = 'never' }: MomentProps) {
  const now = useNow();
  if (at === null) return <span className="muted">{never}</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={stamp(at)}>
      {fromNow(at, now)}
    </time>
  );
}

/** `28 Nov 2026, 21:27` */
export function Stamp({ at }: { readonly at: number }) {
  return (
    <time className="nowrap" dateTime={new Date(at).toISOString()}>
      {stamp(at)}
    </time>
  );
}
