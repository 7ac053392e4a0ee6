import assert from 'node:assert/strict';
import { caseOf, type RecordCase } from './record-case.ts';
import { first, idsOf, thrown } from './session.ts';

/** Feeds: enumeration, changes, cursors. */
export const feedCases: readonly RecordCase[] = [
  caseOf('record-store-001', 'feeds have stable, distinct keys and a scope hash', async ({ store }) => {
    const feeds = await store.feeds();
    assert.ok(feeds.length > 0, 'no feed');
    assert.equal(new Set(feeds.map((feed) => feed.key)).size, feeds.length);
    for (const feed of feeds) assert.ok(feed.key !== '' && feed.scopeHash !== '');
    assert.deepEqual(await store.feeds(), feeds);
  }),
  caseOf('record-store-002', 'an enumeration from null reports every record', async (session) => {
    const ids = await session.seed(23);
    const { changes } = await session.drain(null);
    const reported = idsOf(changes.filter((change) => change.kind === 'changed'));
    assert.deepEqual(reported, idsOf(await session.fixture.oracle.all()));
    assert.deepEqual(reported, [...ids].sort());
  }),
  caseOf('record-store-003', 'an empty store enumerates to nothing and a usable cursor', async (session) => {
    const { changes, cursor } = await session.drain(null);
    assert.deepEqual(changes, []);
    const [id] = await session.seed(1);
    assert.deepEqual(idsOf((await session.drain(cursor)).changes), [id]);
  }),
  caseOf('record-store-004', 'after the cursor come a user’s create and update', async (session) => {
    const [changed] = await session.seed(3);
    const { cursor } = await session.drain(null);
    assert.ok(changed !== undefined);
    await session.fixture.oracle.userUpdate(changed, { [session.fixture.sample.text]: 'Later' });
    const created = await session.fixture.oracle.userCreate(session.person(9));
    await session.settle();
    const seen = idsOf((await session.drain(cursor)).changes.filter((change) => change.kind === 'changed'));
    assert.ok(seen.includes(changed), 'the update is missing');
    assert.ok(seen.includes(created), 'the create is missing');
  }),
  caseOf('record-store-005', 'what is written during an enumeration is not missed', async (session) => {
    const ids = await session.seed(23);
    const feed = await session.feed();
    const page = await session.store.changes(feed, null);
    const { oracle, sample } = session.fixture;
    const touched = [page.changes[0]?.id ?? first(ids), ids[22] ?? ''];
    for (const id of touched) await oracle.userUpdate(id, { [sample.text]: 'Meanwhile' });
    const created = await oracle.userCreate(session.person(50));
    await session.settle();
    const rest = await session.drain(page.cursor);
    await session.settle();
    const after = await session.drain(rest.cursor);
    const seen = idsOf([...rest.changes, ...after.changes]);
    for (const id of [...touched, created])
      assert.ok(seen.includes(id), 'a change made meanwhile is missing');
    const everything = idsOf([...page.changes, ...rest.changes, ...after.changes]);
    assert.deepEqual(everything, idsOf(await oracle.all()));
  }),
  caseOf(
    'record-store-006',
    'what is deleted during an enumeration is not left standing',
    async (session) => {
      const ids = await session.seed(12);
      const feed = await session.feed();
      const page = await session.store.changes(feed, null);
      await session.fixture.oracle.userDelete(first(ids));
      await session.settle();
      const rest = await session.drain(page.cursor);
      const after = await session.drain(rest.cursor);
      const said = [...page.changes, ...rest.changes, ...after.changes].filter(
        (each) => each.id === first(ids),
      );
      const last = said.at(-1);
      assert.ok(
        last === undefined || last.kind === 'removed',
        'the deleted record was reported and never withdrawn',
      );
    },
  ),
  caseOf('record-store-007', 'repeating any cursor repeats and never skips', async (session) => {
    await session.seed(23);
    const feed = await session.feed();
    const run = await session.drain(null);
    let at: string | null = null;
    for (const page of run.pages) {
      const again = await session.store.changes(feed, at);
      assert.ok(
        idsOf(page.changes).every((id) => idsOf(again.changes).includes(id)),
        'the repeated page lacks records',
      );
      const rest = again.more ? (await session.drain(again.cursor)).changes : [];
      const remaining = run.pages.slice(run.pages.indexOf(page)).flatMap((each) => each.changes);
      assert.ok(
        idsOf(remaining).every((id) => idsOf([...again.changes, ...rest]).includes(id)),
        'reading on from a repeated cursor skipped records',
      );
      at = page.cursor;
    }
  }),
  caseOf(
    'record-store-008',
    'a cursor without news gives an empty last page and a cursor',
    async (session) => {
      await session.seed(4);
      const { cursor } = await session.drain(null);
      await session.settle();
      const second = await session.drain(cursor);
      await session.settle();
      const third = await session.drain(second.cursor);
      assert.ok(third.pages.every((page) => page.cursor.length > 0));
      const [id] = [await session.fixture.oracle.userCreate(session.person(30))];
      await session.settle();
      assert.ok(
        idsOf((await session.drain(third.cursor)).changes).includes(id),
        'the idle cursors lost a create',
      );
    },
  ),
  caseOf('record-store-009', 'a deletion is reported as removed, and a read proves it', async (session) => {
    const ids = await session.seed(5);
    const { cursor } = await session.drain(null);
    await session.fixture.oracle.userDelete(first(ids));
    await session.settle();
    const { changes } = await session.drain(cursor);
    const said = changes.filter((change) => change.id === first(ids)).at(-1);
    assert.equal(said?.kind, 'removed');
    assert.equal((await session.readOne(first(ids))).state, 'gone');
  }),
  caseOf(
    'record-store-010',
    'an expired cursor throws cursor_expired, and null starts again',
    async (session) => {
      const ids = await session.seed(5);
      const { cursor } = await session.drain(null);
      await session.fixture.faults.expireCursor();
      await thrown(session.store.changes(await session.feed(), cursor), 'cursor_expired');
      assert.deepEqual(idsOf((await session.drain(null)).changes), [...ids].sort());
    },
  ),
  caseOf(
    'record-store-011',
    'pages that go round in circles throw protocol',
    async (session) => {
      await session.seed(5);
      await session.fixture.faults.endlessPages?.();
      await thrown(session.drain(null), 'protocol');
    },
    (traits) => (traits.canLoop ? null : 'the fixture cannot make the feed loop'),
  ),
  caseOf('record-store-012', 'a page that failed costs nothing: the same cursor goes on', async (session) => {
    const ids = await session.seed(23);
    const feed = await session.feed();
    const page = await session.store.changes(feed, null);
    await session.fixture.faults.next('500', 'read');
    await thrown(session.store.changes(feed, page.cursor), 'unavailable');
    await session.fixture.faults.clear();
    const rest = page.more ? (await session.drain(page.cursor)).changes : [];
    assert.deepEqual(idsOf([...page.changes, ...rest]), [...ids].sort());
  }),
  caseOf(
    'record-store-013',
    'records in the feed are whole and fresh where that is declared',
    async (session) => {
      await session.seed(4);
      const { changes } = await session.drain(null);
      for (const change of changes) {
        if (change.kind !== 'changed') continue;
        const record = change.record;
        if (!session.traits.capabilities.contentInFeed) continue;
        assert.ok(record !== undefined, 'contentInFeed is declared and a change has no record');
        const read = await session.found(change.id);
        assert.deepEqual(session.compared(record.fields), session.compared(read.fields));
        assert.equal(record.version, read.version);
      }
    },
  ),
  caseOf(
    'record-store-017',
    'a record in the feed is never older than a read, also moments after a change',
    async (session) => {
      const { oracle, sample } = session.fixture;
      const ids = await session.seed(4);
      let { cursor } = await session.drain(null);
      let told = 0;
      const compare = async (): Promise<void> => {
        const round = await session.drain(cursor);
        cursor = round.cursor;
        for (const change of round.changes) {
          if (change.kind !== 'changed' || change.record === undefined) continue;
          told += 1;
          const read = await session.found(change.id);
          assert.deepEqual(session.compared(change.record.fields), session.compared(read.fields));
          assert.equal(change.record.version, read.version);
        }
      };
      await oracle.userUpdate(first(ids), { [sample.text]: 'Once' });
      await session.settle();
      await compare();
      assert.ok(told > 0, 'contentInFeed is declared and a changed record was not carried');
      // An index that lags shows the first of two values; a read would show the second.
      await oracle.userUpdate(first(ids), { [sample.text]: 'Twice' });
      await session.settle();
      await oracle.userUpdate(first(ids), { [sample.text]: 'A third time' });
      await compare();
    },
    ({ capabilities }) => (capabilities.contentInFeed ? null : 'contentInFeed is declared false'),
  ),
  caseOf('record-store-014', 'a feed tells stamps exactly where it declares to', async (session) => {
    const id = await session.created(90);
    const [unstamped] = await session.seed(1);
    for (const change of (await session.drain(null)).changes) {
      if (change.kind !== 'changed' || change.record === undefined) continue;
      const { stamp } = change.record;
      if (!session.traits.capabilities.stampInFeed) {
        assert.equal(stamp, undefined, 'a feed that cannot tell stamps must leave them absent');
      } else if (change.id === id) {
        assert.equal(stamp, (await session.truth(id))?.stamp);
      } else if (change.id === unstamped) {
        assert.equal(stamp, null);
      }
    }
  }),
  caseOf('record-store-015', 'list equals the oracle, with stamps', async (session) => {
    await session.seed(22);
    await session.created(40);
    const truth = await session.fixture.oracle.all();
    const listed = await session.listAll();
    assert.deepEqual(listed.map((each) => each.id).sort(), truth.map((each) => each.id).sort());
    for (const record of listed) {
      const real = truth.find((each) => each.id === record.id);
      assert.deepEqual(session.compared(record.fields), session.compared(real?.fields ?? {}));
      assert.equal(record.stamp, real?.stamp);
      assert.ok(record.version !== '' && record.mono !== '', 'a record without version or mono');
    }
  }),
  caseOf('record-store-016', 'our own writes are in the feed too', async (session) => {
    const { cursor } = await session.drain(null);
    const id = await session.created(1);
    assert.ok(idsOf((await session.drain(cursor)).changes).includes(id));
  }),
];
