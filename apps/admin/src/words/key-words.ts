import type { Key } from '../api/keys.ts';
import type { Tone } from './tone.ts';

const TONES: Readonly<Record<Key['stage'], Tone>> = {
  ok: 'ok',
  early: 'info',
  notice: 'info',
  soon: 'warn',
  urgent: 'bad',
  expired: 'bad',
};

export const keyTone = (stage: Key['stage']): Tone => TONES[stage];

const SIGNS: Readonly<Record<Key['signs'], string>> = {
  first: 'tried first',
  'as-well': 'tried after it',
  no: 'not used for Microsoft',
};

export const signsText = (signs: Key['signs']): string => SIGNS[signs];

/** Days of a certificate's life: the bar is full with them. */
export const KEY_LIFE_DAYS = 180;
