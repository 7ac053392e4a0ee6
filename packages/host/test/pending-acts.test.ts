import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditRow, Certificate, Secrets, SecretValue } from '@tidelock/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importPendingActs, notePendingAct } from '../src/pending-acts.ts';
import { recordedSecrets, type SecretAct } from '../src/recorded-secrets.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidelock-acts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const act = (id: string, at: number): AuditRow => ({
  ...{ id, tenantId: 'default', at, who: 'ann', act: 'secret.put', subject: 'database-url', laneId: null },
  ...{ before: null, after: { version: '1' } },
});

function trail() {
  const rows = new Map<string, AuditRow>();
  return {
    rows,
    appendAudit: async (acts: readonly AuditRow[]) => {
      for (const one of acts) if (!rows.has(one.id)) rows.set(one.id, one);
    },
  };
}

describe('acts that wait for the trail', () => {
  test('move there once, oldest first, and leave nothing behind', async () => {
    await notePendingAct(folder, act('b', 2));
    await notePendingAct(folder, act('a', 1));
    expect((await stat(join(folder, 'pending-acts.jsonl'))).mode & 0o777).toBe(0o600);
    const to = trail();
    await importPendingActs(folder, to);
    await importPendingActs(folder, to);
    expect([...to.rows.values()]).toEqual([act('a', 1), act('b', 2)]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('stay where they are when the trail cannot be written, and nothing is lost or doubled', async () => {
    await notePendingAct(folder, act('a', 1));
    const full = { appendAudit: () => Promise.reject(new Error('the disk is full')) };
    await expect(importPendingActs(folder, full)).rejects.toThrow('full');
    await notePendingAct(folder, act('b', 2));
    const to = trail();
    await importPendingActs(folder, to);
    expect([...to.rows.keys()]).toEqual(['a', 'b']);
  });

  test('move there once when several look at a time, also those that are noted meanwhile', async () => {
    for (let round = 0; round < 60; round++) {
      const to = trail();
      await notePendingAct(folder, act(`${round}`, 1));
      const noted = Array.from({ length: 4 }, (_, at) =>
        notePendingAct(folder, act(`${round} ${at}`, 2 + at)),
      );
      await Promise.all([...Array.from({ length: 4 }, () => importPendingActs(folder, to)), ...noted]);
      await importPendingActs(folder, to);
      expect(to.rows.size, `round ${round}`).toBe(5);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test('one that is noted while the file is carried away is in the next one', async () => {
    const to = trail();
    await notePendingAct(folder, act('a', 1));
    let looked = 0;
    await notePendingAct(folder, act('b', 2), async () => {
      looked += 1;
      if (looked === 1) await importPendingActs(folder, to);
    });
    expect(looked).toBe(2);
    expect([...to.rows.keys()]).toEqual(['a']);
    await importPendingActs(folder, to);
    expect([...to.rows.keys()]).toEqual(['a', 'b']);
  });

  test('a line that a crash cut off does not stand in the way of the others', async () => {
    await notePendingAct(folder, act('a', 1));
    await appendFile(join(folder, 'pending-acts.jsonl'), '{"id":"b","ten');
    const to = trail();
    await importPendingActs(folder, to);
    expect([...to.rows.keys()]).toEqual(['a']);
  });
});

function fakeSecrets(): Secrets {
  const values = new Map<string, SecretValue>();
  const keys = new Map<string, Certificate>();
  const no = () => Promise.reject(new Error('not here'));
  let version = 0;
  return {
    abilities: { store: true, keys: true, wrapper: false, compareAndSet: false, versions: false },
    wrapper: { wrap: no, unwrap: no },
    close: async () => {},
    store: {
      get: async (name) => values.get(name) ?? null,
      async put(name, value) {
        const text = String(++version);
        values.set(name, { name, value, version: text });
        return text;
      },
      remove: async (name) => void values.delete(name),
      list: async () => [...values.keys()],
    },
    keys: {
      signer: no,
      async create(keyName) {
        const made = { keyName, der: new Uint8Array(), sha256: 'ab', notBefore: 0, notAfter: 86_400_000 };
        keys.set(keyName, made);
        return made;
      },
      import: no,
      list: async () => [...keys.values()],
      remove: async (name) => void keys.delete(name),
    },
  };
}

test('every change of the secret store is an act, with versions and fingerprints and never a value', async () => {
  const acts: SecretAct[] = [];
  const { store, keys } = recordedSecrets(fakeSecrets(), async (one) => void acts.push(one));
  const swordfish = new TextEncoder().encode('swordfish');
  await store.put('password', swordfish);
  await store.put('password', swordfish);
  await store.remove('password');
  await store.remove('password');
  await keys.create('mailbox', { commonName: 'x' });
  await expect(keys.import('crm', { privateKeyPem: '', certificatePem: '' })).rejects.toThrow('not here');
  await keys.remove('mailbox');
  await keys.remove('mailbox');
  const made = { sha256: 'ab', notAfter: '1970-01-02T00:00:00.000Z' };
  expect(acts.map(({ act, subject, before, after }) => [act, subject, before, after])).toEqual([
    ['secret.put', 'password', null, { version: '1' }],
    ['secret.put', 'password', { version: '1' }, { version: '2' }],
    ['secret.removed', 'password', { version: '2' }, null],
    ['key.created', 'mailbox', null, made],
    ['key.removed', 'mailbox', made, null],
  ]);
  expect(JSON.stringify(acts)).not.toContain('swordfish');
  await notePendingAct(folder, act('a', 1));
  expect(await readFile(join(folder, 'pending-acts.jsonl'), 'utf8')).toContain('database-url');
});
