import { createSecretKey } from 'node:crypto';
import type { TicketRow } from '@tidelock/core';
import { expect, test } from 'vitest';
import { type Attempt, createAttempts } from '../src/consent/attempts.ts';
import { createFieldSealer } from '../src/sealing/field-seal.ts';

const KEY = { id: '3f0c3f5e-6a51-4d0e-8a53-0d4b1c6f7a88', key: createSecretKey(Buffer.alloc(32, 7)) };
const TENANT = '0a000000-0000-4000-8000-000000000001';
const ATTEMPT: Attempt = {
  ...{ session: 'session-hash', account: 'default', who: 'ann', expiresAt: 5_000, purpose: 'consent' },
  ...{ tenant: TENANT, subject: 'subject-of-ann' },
};

function memoryTickets() {
  const rows = new Map<string, TicketRow>();
  return {
    rows,
    async putTicket(row: TicketRow) {
      rows.set(row.hash, row);
    },
    async takeTicket(_kind: string, hash: string) {
      const row = rows.get(hash) ?? null;
      rows.delete(hash);
      return row;
    },
    async countTickets(_kind: string, { bound, now }: { bound: string; now: number }) {
      const running = [...rows.values()].filter(({ endsAt }) => endsAt > now);
      return { own: running.filter((row) => row.bound === bound).length, all: running.length };
    },
  };
}

test('an attempt is kept sealed, opens under its own state once, and under no other', async () => {
  const store = memoryTickets();
  const attempts = createAttempts({ store, sealer: async () => createFieldSealer('default', [KEY]) });
  await attempts.put('state-1', ATTEMPT);
  await attempts.put('state-2', { ...ATTEMPT, session: 'another' });
  const stored = store.rows.get('state-1');
  const text = Buffer.from(stored?.value ?? []).toString();
  expect([TENANT, 'subject-of-ann', 'ann'].filter((word) => text.includes(word))).toEqual([]);
  expect(await attempts.count('session-hash', 4_999)).toEqual({ own: 1, all: 2 });
  expect(await attempts.count('session-hash', 5_000)).toEqual({ own: 0, all: 0 });
  expect(await attempts.take('state-1')).toEqual(ATTEMPT);
  expect(await attempts.take('state-1')).toBeNull();
  if (stored !== undefined) store.rows.set('state-3', { ...stored, hash: 'state-3' });
  await expect(attempts.take('state-3')).rejects.toMatchObject({ code: 'AUTH_FAILED' });
});
