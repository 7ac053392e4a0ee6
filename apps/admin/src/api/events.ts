/** What happens on the server at this moment, as it tells it; fields by type, as the API document says. */
export interface LiveEvent {
  /** Goes up; the server goes on after the last one that was seen. */
  readonly id: string;
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly [name: string]: unknown;
}

export interface LiveFeed {
  readonly onEvent: (event: LiveEvent) => void;
  readonly onState: (open: boolean) => void;
  /** Something was missed: what is shown has to be read anew. */
  readonly onMissed: () => void;
}

export const EVENT_TYPES = [
  ...['run.started', 'run.progress', 'run.ended', 'item', 'review.opened', 'hold'],
  ...['error', 'lag', 'key', 'roster', 'runner', 'job'],
] as const;

/** Server-sent events, those that the server still knows first; the browser connects again by itself. Call what it answers to end it. */
export function openEvents({ onEvent, onState, onMissed }: LiveFeed): () => void {
  const source = new EventSource('/api/v1/events?after=0');
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.addEventListener('missed', () => onMissed());
  for (const type of EVENT_TYPES) {
    source.addEventListener(type, (message: Event) => {
      const { data, lastEventId } = message as MessageEvent;
      onEvent({ ...(JSON.parse(String(data)) as LiveEvent), type, id: lastEventId });
    });
  }
  return () => source.close();
}
