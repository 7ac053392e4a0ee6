import assert from 'node:assert/strict';
import type { RecordStore } from '@tidelock/core';
import type { FaultKind, RecordStoreTraits } from './fixture.ts';
import { caseOf, type RecordCase } from './record-case.ts';
import { first, idsOf, type Session, stampOf, thrown } from './session.ts';

/** What each refusal of the remote means (`core` errors.ts). */
const KIND_OF = {
  '401': 'auth',
  '403': 'forbidden',
  '429': 'rate_limited',
  '500': 'unavailable',
  timeout: 'unavailable',
} as const;
const FAULTS: readonly FaultKind[] = ['401', '403', '429', '500', 'timeout'];

type Reading = (store: RecordStore, given: { feed: string; cursor: string; id: string }) => Promise<unknown>;

/** Reads that always need the remote. */
const hasEmail = (traits: RecordStoreTraits): string | null =>
  traits.hasEmail ? null : 'records of this store have no e-mail address';

const READS: Readonly<Record<string, Reading>> = {
  'changes(null)': (store, { feed }) => store.changes(feed, null),
  'changes(cursor)': (store, { feed, cursor }) => store.changes(feed, cursor),
  list: (store, { feed }) => store.list(feed, null),
  read: async (store, { id }) => {
    const results = await store.read([id]);
    const result = first(results);
    if (result.state === 'failed')
      throw Object.assign(new Error('failed item'), { name: 'AdapterError', ...result });
    return results;
  },
  'find stamp': (store) => store.find('stamp', [stampOf(1)]),
  'find email': (store) => store.find('email', ['person1@example.com']),
};

function faultCase(fault: FaultKind, index: number): RecordCase {
  return caseOf(
    `record-store-03${index}`,
    `under ${fault} every read throws ${KIND_OF[fault]} and says nothing about existence`,
    async (session) => {
      const [id] = await session.seed(2);
      const { cursor } = await session.drain(null);
      const feed = await session.feed();
      assert.ok(id !== undefined);
      for (const [name, reading] of Object.entries(READS)) {
        if (name === 'find email' && !session.traits.hasEmail) continue;
        await session.fixture.faults.next(fault);
        const error = await thrown(reading(session.store, { feed, cursor, id }));
        assert.equal(error.kind, KIND_OF[fault], name);
        await session.fixture.faults.clear();
        await session.settle();
      }
      await mayNeedNoRequest(session, fault);
    },
  );
}

/** `probe` and `feeds` may know their answer; if they answer under a fault, it is the answer without the fault. */
async function mayNeedNoRequest(session: Session, fault: FaultKind): Promise<void> {
  const { store, fixture } = session;
  for (const ask of [() => store.feeds(), async () => (await store.probe()).catalogue]) {
    const truth = await ask();
    await fixture.faults.next(fault);
    const answer = await ask().catch((error: unknown) => error);
    await fixture.faults.clear();
    if (answer instanceof Error) await thrown(Promise.reject(answer), KIND_OF[fault]);
    else assert.deepEqual(answer, truth);
  }
}

export const readCases: readonly RecordCase[] = [
  caseOf('record-store-020', 'read keeps order and length, also for repeated ids', async (session) => {
    const ids = await session.seed(9);
    const asked = [...ids].reverse().concat(first(ids), first(ids));
    const results = await session.store.read(asked);
    assert.deepEqual(
      results.map((result) => result.id),
      asked,
    );
    for (const result of results) {
      assert.ok(result.state === 'found');
      assert.equal(result.record.id, result.id);
    }
  }),
  caseOf('record-store-021', 'read equals the oracle, with stamps', async (session) => {
    const [id] = await session.seed(1);
    const ours = await session.created(7);
    for (const each of [id ?? '', ours]) {
      const record = await session.found(each);
      const real = await session.truth(each);
      assert.ok(real !== undefined);
      assert.deepEqual(session.compared(record.fields), session.compared(real.fields));
      assert.equal(record.stamp, real.stamp);
    }
  }),
  caseOf('record-store-022', 'a deleted record among living ones is gone, and only it', async (session) => {
    const ids = await session.seed(5);
    await session.fixture.oracle.userDelete(ids[2] ?? '');
    await session.settle();
    const results = await session.store.read(ids);
    assert.deepEqual(
      results.map((result) => result.state),
      ['found', 'found', 'gone', 'found', 'found'],
    );
  }),
  caseOf('record-store-023', 'reading nothing answers nothing', async (session) => {
    assert.deepEqual(await session.store.read([]), []);
    assert.deepEqual(await session.store.find('email', []), []);
    assert.deepEqual(await session.store.write([]), []);
  }),
  caseOf(
    'record-store-024',
    'find by e-mail is exact, ignores case and answers per value',
    async (session) => {
      const ids = await session.seed(12);
      const asked = [
        'nobody@example.com',
        'PERSON2@example.com',
        'erson2@example.com',
        'person1@example.com',
      ];
      const answers = await session.store.find('email', asked);
      assert.deepEqual(
        answers.map((records) => idsOf(records)),
        [[], [ids[1]], [], [ids[0]]],
      );
    },
    hasEmail,
  ),
  caseOf('record-store-025', 'find by stamp is exact and answers per value', async (session) => {
    await session.seed(3);
    const one = await session.created(21);
    const two = await session.created(22);
    const answers = await session.store.find('stamp', [stampOf(22), stampOf(99), stampOf(21)]);
    assert.deepEqual(
      answers.map((records) => idsOf(records)),
      [[two], [], [one]],
    );
    assert.equal(first(answers[0] ?? []).stamp, stampOf(22));
  }),
  caseOf('record-store-026', 'find treats values as data, never as a query', async (session) => {
    await session.seed(3);
    const hostile = [
      "' or '1'='1",
      '%@example.com',
      '*',
      "o'brien\\@example.com",
      '"@example.com',
      'a&b=c@x.com',
      '_',
    ];
    const answers = await session.store.find('email', hostile);
    assert.deepEqual(
      answers.map((records) => records.length),
      hostile.map(() => 0),
    );
  }),
  caseOf(
    'record-store-027',
    'find tells all holders of an e-mail address',
    async (session) => {
      const [one] = await session.seed(2);
      const { oracle, sample } = session.fixture;
      assert.ok(sample.email !== undefined);
      const twin = { ...session.person(77), [sample.email]: session.person(1)[sample.email] ?? null };
      const two = await oracle.userCreate(twin).catch(() => null);
      await session.settle();
      const holders = idsOf(first(await session.store.find('email', ['person1@example.com'])));
      assert.deepEqual(holders, two === null ? [one] : [one, two].sort());
    },
    hasEmail,
  ),
  caseOf('record-store-028', 'a version changes when the record does, and only then', async (session) => {
    const [id] = await session.seed(1);
    assert.ok(id !== undefined);
    const before = await session.found(id);
    await session.settle();
    assert.equal((await session.found(id)).version, before.version);
    await session.fixture.oracle.userUpdate(id, { [session.fixture.sample.text]: 'Changed' });
    await session.settle();
    const after = await session.found(id);
    assert.notEqual(after.version, before.version);
    assert.ok(after.mono >= before.mono, 'mono went back');
  }),
  ...FAULTS.map((fault, index) => faultCase(fault, index)),
  caseOf('record-store-035', 'a 429 names the wait', async (session) => {
    await session.seed(1);
    const feed = await session.feed();
    await session.fixture.faults.next('429');
    const error = await thrown(session.store.list(feed, null), 'rate_limited');
    assert.ok((error.retryAfterMs ?? 0) > 0, 'no retryAfterMs');
  }),
  caseOf(
    'record-store-036',
    'leaving the folder or filter is out, never gone',
    async (session) => {
      const ids = await session.seed(4);
      const { cursor } = await session.drain(null);
      await session.fixture.oracle.userMove?.(first(ids));
      await session.settle();
      const said = (await session.drain(cursor)).changes.filter((change) => change.id === first(ids));
      assert.ok(said.length > 0, 'the feed does not report it');
      assert.equal((await session.readOne(first(ids))).state, 'out');
    },
    (traits) => (traits.canMove ? null : 'nothing lies outside this store'),
  ),
  caseOf(
    'record-store-038',
    'an id of which the answer says nothing is failed, never gone',
    async (session) => {
      const ids = await session.seed(4);
      await session.fixture.faults.dropReadItem?.();
      const results = await session.store.read(ids);
      await session.fixture.faults.clear();
      const states = results.map(({ state }) => state).sort();
      assert.deepEqual(states, ['failed', 'found', 'found', 'found']);
      assert.equal((await session.store.read(ids)).filter(({ state }) => state === 'found').length, 4);
    },
    (traits) => (traits.canDropRead ? null : 'an answer that leaves an id out cannot be provoked'),
  ),
  caseOf(
    'record-store-037',
    'a merged record tells its winner',
    async (session) => {
      const [winner, loser] = await session.seed(3);
      assert.ok(winner !== undefined && loser !== undefined);
      const merge = session.fixture.oracle.userMerge;
      assert.ok(merge !== undefined, 'merges is declared: the fixture must be able to merge');
      const into = (await merge(winner, loser)) ?? winner;
      await session.settle();
      assert.deepEqual(await session.readOne(loser), { state: 'merged', id: loser, into });
      assert.equal((await session.readOne(into)).state, 'found');
      if (into !== winner)
        assert.deepEqual(await session.readOne(winner), { state: 'merged', id: winner, into });
    },
    (traits) => (traits.capabilities.merges ? null : 'the store declares that it does not merge'),
  ),
];
