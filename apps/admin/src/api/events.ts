import { addressOf } from './client.ts';

/** What happens on the server at this moment, as it tells it. */
export interface LiveEvent {
  /** Goes up; the server goes on after the last one that was seen. */
  readonly id: string;
  readonly at: number;
  readonly kind: string;
  /** Address; null = it is about no single mailbox. */
  readonly mailbox: string | null;
  /** A sentence for people. */
  readonly text: string;
  readonly tone: 'ok' | 'warn' | 'bad' | 'info';
  readonly progress: { readonly done: number; readonly total: number | null } | null;
}

export interface LiveFeed {
  readonly onEvent: (event: LiveEvent) => void;
  readonly onState: (open: boolean) => void;
}

/** Server-sent events; the browser connects again by itself. Call what it answers to end it. */
export function openEvents({ onEvent, onState }: LiveFeed): () => void {
  const source = new EventSource(addressOf('/events'));
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.onmessage = (message: MessageEvent<string>) => {
    onEvent({ ...(JSON.parse(message.data) as LiveEvent), id: message.lastEventId });
  };
  return () => source.close();
}
