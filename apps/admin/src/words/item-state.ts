import type { Sentence } from '../api/items.ts';
import type { Tone } from './tone.ts';

interface ItemState {
  readonly tone: Tone;
  readonly word: string;
}

const STATES: Readonly<Record<string, ItemState>> = {
  live: { tone: 'ok', word: 'In step' },
  half: { tone: 'info', word: 'To be created' },
  out: { tone: 'neutral', word: 'Rests' },
  detached: { tone: 'neutral', word: 'Unlinked' },
  merged: { tone: 'neutral', word: 'Merged' },
  tomb: { tone: 'neutral', word: 'Deleted' },
  new: { tone: 'info', word: 'Not placed yet' },
  missing: { tone: 'info', word: 'Said to be gone' },
};

/** How a pair, or a record without one, is in a word. */
export const itemState = (status: string): ItemState => STATES[status] ?? { tone: 'neutral', word: status };

const TONES: Readonly<Record<Sentence['tone'], Tone>> = {
  fine: 'ok',
  waits: 'info',
  asks: 'warn',
  rests: 'neutral',
};

export const sentenceTone = ({ tone }: Pick<Sentence, 'tone'>): Tone => TONES[tone];
