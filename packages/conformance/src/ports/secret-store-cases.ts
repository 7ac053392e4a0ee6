import assert from 'node:assert/strict';
import type { Case } from '../harness.ts';
import { thrown } from '../record-store/session.ts';
import { bytes, lacks, type SecretsFixture, type SecretsTraits } from './secrets-fixture.ts';

type SecretsCase = Case<SecretsFixture, SecretsTraits>;

const needsStore = (traits: SecretsTraits) => (traits.store ? null : lacks('store'));
const needsCompare = (traits: SecretsTraits) =>
  traits.store && traits.compareAndSet ? null : lacks('compare-and-set');
const needsReopen = (traits: SecretsTraits) =>
  traits.store && traits.canReopen ? null : 'the store cannot be opened twice';

export const secretStoreCases: readonly SecretsCase[] = [
  {
    id: 'secrets-001',
    title: 'bytes come back as they were put',
    needs: needsStore,
    async run({ secrets: { store } }) {
      const every = Uint8Array.from({ length: 256 }, (_, index) => index);
      for (const value of [bytes('plain'), every, new Uint8Array(0), new Uint8Array(25_000).fill(7)]) {
        const version = await store.put('crm/value', value);
        assert.deepEqual(await store.get('crm/value'), { name: 'crm/value', value, version });
      }
    },
  },
  {
    id: 'secrets-002',
    title: 'a name that was never written is null, and is not listed',
    needs: needsStore,
    async run({ secrets: { store } }) {
      assert.equal(await store.get('crm/nobody'), null);
      assert.deepEqual(await store.list(), []);
    },
  },
  {
    id: 'secrets-003',
    title: 'list is sorted, takes a prefix and never holds values',
    needs: needsStore,
    async run({ secrets: { store } }) {
      for (const name of ['b/two', 'a/one', 'b/one', 'bb']) await store.put(name, bytes('canary-value'));
      assert.deepEqual(await store.list(), ['a/one', 'b/one', 'b/two', 'bb']);
      assert.deepEqual(await store.list('b/'), ['b/one', 'b/two']);
      assert.deepEqual(await store.list('zz'), []);
    },
  },
  {
    id: 'secrets-004',
    title: 'remove removes, and removing nothing is no error',
    needs: needsStore,
    async run({ secrets: { store } }) {
      await store.put('crm/value', bytes('one'));
      await store.remove('crm/value');
      await store.remove('crm/value');
      assert.equal(await store.get('crm/value'), null);
      assert.deepEqual(await store.list(), []);
    },
  },
  {
    id: 'secrets-005',
    title: 'a removed name can be written again under a new version',
    needs: needsStore,
    async run({ secrets: { store } }) {
      const before = await store.put('crm/value', bytes('one'));
      await store.remove('crm/value');
      const after = await store.put('crm/value', bytes('two'));
      assert.notEqual(after, before);
      assert.deepEqual((await store.get('crm/value'))?.value, bytes('two'));
      assert.equal(await store.get('crm/value', before), null);
    },
  },
  {
    id: 'secrets-006',
    title: 'bad names and values over 25,000 bytes are invalid, and nothing is written',
    needs: needsStore,
    async run({ secrets: { store } }) {
      const names = [
        '',
        'Upper',
        'a//b',
        '/a',
        'a/',
        'a--b',
        '-a',
        'a-/b',
        'a/-b',
        '../a',
        'a b',
        'a_b',
        'ä',
        'x'.repeat(128),
        '__proto__',
      ];
      for (const name of names) {
        await thrown(store.put(name, bytes('x')), 'invalid');
        await thrown(store.get(name), 'invalid');
      }
      await thrown(store.put('crm/large', new Uint8Array(25_001)), 'invalid');
      assert.deepEqual(await store.list(), []);
    },
  },
  {
    id: 'secrets-007',
    title: 'names that objects inherit are names like any other',
    needs: needsStore,
    async run({ secrets: { store } }) {
      for (const name of ['constructor', 'to-string', 'prototype']) assert.equal(await store.get(name), null);
      await store.put('constructor', bytes('x'));
      assert.deepEqual(await store.list(), ['constructor']);
    },
  },
  {
    id: 'secrets-008',
    title: 'the longest name works',
    needs: needsStore,
    async run({ secrets: { store } }) {
      const name = `${'a'.repeat(63)}/${'b'.repeat(63)}`;
      await store.put(name, bytes('x'));
      assert.deepEqual((await store.get(name))?.value, bytes('x'));
    },
  },
  {
    id: 'secrets-010',
    title: 'expected null writes only what does not exist',
    needs: needsCompare,
    async run({ secrets: { store } }) {
      const version = await store.put('crm/value', bytes('one'), { expected: null });
      await thrown(store.put('crm/value', bytes('two'), { expected: null }), 'conflict');
      assert.deepEqual(await store.get('crm/value'), { name: 'crm/value', value: bytes('one'), version });
    },
  },
  {
    id: 'secrets-011',
    title: 'an overtaken version is a conflict and changes nothing',
    needs: needsCompare,
    async run({ secrets: { store } }) {
      const one = await store.put('crm/value', bytes('one'));
      const two = await store.put('crm/value', bytes('two'), { expected: one });
      assert.notEqual(two, one);
      await thrown(store.put('crm/value', bytes('three'), { expected: one }), 'conflict');
      await thrown(store.put('crm/other', bytes('x'), { expected: two }), 'conflict');
      assert.deepEqual((await store.get('crm/value'))?.value, bytes('two'));
      assert.deepEqual(await store.list(), ['crm/value']);
    },
  },
  {
    id: 'secrets-012',
    title: 'of two writers with one expectation exactly one wins',
    needs: needsCompare,
    async run({ secrets: { store } }) {
      const version = await store.put('crm/value', bytes('0'));
      const races = ['a', 'b', 'c', 'd'].map((text) =>
        store.put('crm/value', bytes(text), { expected: version }),
      );
      const settled = await Promise.allSettled(races);
      assert.equal(settled.filter((each) => each.status === 'fulfilled').length, 1);
    },
  },
  {
    id: 'secrets-013',
    title: 'old versions can be read, as long as the name lives',
    needs: (traits) => (traits.store && traits.versions ? null : lacks('versions')),
    async run({ secrets: { store } }) {
      const one = await store.put('crm/value', bytes('one'));
      const two = await store.put('crm/value', bytes('two'));
      assert.deepEqual((await store.get('crm/value', one))?.value, bytes('one'));
      assert.deepEqual((await store.get('crm/value', two))?.value, bytes('two'));
      await store.remove('crm/value');
      assert.equal(await store.get('crm/value', one), null);
    },
  },
  {
    id: 'secrets-014',
    title: 'what one process wrote, another reads',
    needs: needsReopen,
    async run(fixture) {
      const { store } = fixture.secrets;
      const version = await store.put('crm/value', bytes('one'));
      const other = await fixture.reopen?.();
      assert.deepEqual((await other?.store.get('crm/value'))?.version, version);
      await other?.store.put('crm/value', bytes('two'));
      await other?.close();
      assert.deepEqual((await store.get('crm/value'))?.value, bytes('two'));
    },
  },
  {
    id: 'secrets-015',
    title: '"could not read" never looks like "not there"',
    needs: (traits) => (traits.store && traits.canBreak ? null : 'the fixture cannot break the store'),
    async run(fixture) {
      const { store } = fixture.secrets;
      await store.put('crm/value', bytes('canary-value'));
      await fixture.breakStore?.();
      const reads = [() => store.get('crm/value'), () => store.list(), () => store.get('crm/never')];
      for (const read of reads) {
        const error = await thrown(read());
        assert.notEqual(error.kind, 'not_found');
        assert.ok(!`${error.stack}${error.remedy}`.includes('canary-value'));
      }
    },
  },
  {
    id: 'secrets-016',
    title: 'a store that is not offered throws unsupported',
    needs: (traits) => (traits.store ? 'the adapter offers the store' : null),
    async run({ secrets: { store } }) {
      await thrown(store.get('a'), 'unsupported');
      await thrown(store.put('a', bytes('x')), 'unsupported');
      await thrown(store.list(), 'unsupported');
    },
  },
  {
    id: 'secrets-017',
    title: 'values handed in and out are copies',
    needs: needsStore,
    async run({ secrets: { store } }) {
      const value = bytes('before');
      await store.put('crm/value', value);
      value.fill(0);
      (await store.get('crm/value'))?.value.fill(1);
      assert.deepEqual((await store.get('crm/value'))?.value, bytes('before'));
    },
  },
  {
    id: 'secrets-018',
    title: 'closing twice is harmless',
    async run({ secrets }) {
      await secrets.close();
      await secrets.close();
    },
  },
];
