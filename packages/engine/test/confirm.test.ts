import type { Intent, Link, SideRef } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { confirmedLink, NO_ANSWER } from '../src/confirm.ts';
import type { Lane } from '../src/lane.ts';

const lane = { mapping: { fields: [] } } as unknown as Lane;
const ref = (mono: string): SideRef => ({ id: 'r', inc: 0, version: '', mono, stamp: null, gen: 1 });
const link = (mono: string): Link =>
  ({ id: 'l', a: ref('1'), b: ref(mono), shownA: null, shownB: null, holds: [] }) as unknown as Link;

/** A create on side A that was made of side B as it was at `mono`. */
const made = (mono: string, more: Partial<Intent> = {}): Intent =>
  ({
    ...{ linkId: 'l', side: 'a', op: 'create', sent: {}, source: { title: 'new' } },
    origin: {
      ...{ mapping: 'm', rules: {} },
      cause: { kind: 'record', side: 'b', version: 'v', mono, modifiedAt: null },
    },
    ...more,
  }) as Intent;
const sourceAfter = (mono: string, intent: Intent): string | undefined =>
  confirmedLink(lane, { link: link(mono), intent, answer: NO_ANSWER }).b?.mono;

describe('the record that a confirmed write was made of', () => {
  it('is as new as it was then, so that content from before it is no edit', () => {
    expect(sourceAfter('5', made('9'))).toBe('9');
    expect(confirmedLink(lane, { link: link('5'), intent: made('9'), answer: NO_ANSWER }).shownB).toEqual({
      title: 'new',
    });
  });

  it('never gets older, and a write of another pair says nothing about it', () => {
    expect(sourceAfter('9', made('5'))).toBe('9');
    expect(sourceAfter('5', made('9', { linkId: 'another' }))).toBe('5');
    expect(sourceAfter('5', made('9', { side: 'b', op: 'update' }))).toBe('5');
  });
});
