import { Client } from 'pg';
import { expect, it, vi } from 'vitest';
import { FEED, historyRow, holdFeed, holdLane, LANE, page, plainIntent, plainLink } from './batch.ts';
import { describeWithServer, emptySchema, openState, startServer } from './server.ts';

await startServer();

const numbers = Array.from({ length: 200 }, (_, i) => i);

/** Statements that `work` sends, without those that begin and end its transaction. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const spy = vi.spyOn(Client.prototype, 'query');
  try {
    await work();
    const sent = spy.mock.calls.map((call) => String(call[0]));
    return sent.filter((text) => !/^(begin|commit|rollback)/.test(text));
  } finally {
    spy.mockRestore();
  }
}

describeWithServer('statements do not grow with rows', () => {
  it('200 links are put by 3 statements at most, marks included', async () => {
    const state = await openState(await emptySchema());
    const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
    const links = numbers.map((i) => ({ link: plainLink(String(i)), mark: ['a' as const] }));
    const sent = await statementsOf(() => state.sync.commitLane({ guard, now: 1, links }));
    expect(sent.length).toBeLessThanOrEqual(3);
    expect((await state.sync.links(LANE, { by: 'work', now: 1, limit: 999 })).length).toBe(200);
    await state.close();
  });

  it('a whole decision takes one statement per kind of row', async () => {
    const state = await openState(await emptySchema());
    const { sync } = state;
    const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
    const suspects = numbers.map((i) => ({
      ...{
        laneId: LANE,
        side: 'b' as const,
        id: `u${i}`,
        why: 'unknown' as const,
        feed: 'f',
        mono: '1',
        at: 1,
      },
      ...{ keys: ['k', `k${i}`], seq: 0 },
    }));
    await sync.commitLane({ guard, now: 1, suspects });
    const known = await sync.suspects(LANE, { limit: 999 });
    const intents = numbers.map((i) => plainIntent(String(i)));
    const opening = await statementsOf(() =>
      sync.openIntents({
        guard,
        now: 1,
        intents,
        claims: intents.map(({ id }) => ({ intentId: id, store: 'hub', key: `key-${id}` })),
      }),
    );
    expect(opening.length).toBeLessThanOrEqual(5);
    const closing = await statementsOf(() =>
      sync.commitLane({
        ...{ guard, now: 2, settled: known, history: numbers.map((i) => historyRow(1, i)) },
        links: numbers.map((i) => ({ link: plainLink(String(i)) })),
        closed: intents.map(({ id }) => ({ id, state: 'confirmed' as const, conflicts: [] })),
        released: intents.map(({ id }) => `key-${id}`),
      }),
    );
    expect(closing.length).toBeLessThanOrEqual(6);
    const counts = await sync.counts(LANE, 1);
    expect(counts).toMatchObject({ live: 200, suspects: 0, openIntents: 0 });
    expect((await sync.candidates(LANE, 'b', ['k'], 9)).get('k')).toEqual([]);
    await state.close();
  });

  it('a feed page of 200 marks and 200 suspects takes seven', async () => {
    const state = await openState(await emptySchema());
    const { sync } = state;
    const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
    await sync.commitLane({ guard, now: 1, links: numbers.map((i) => ({ link: plainLink(String(i)) })) });
    const fence = await holdFeed(state);
    const marks = numbers.map((i) => ({
      side: 'b' as const,
      linkId: String(i),
      kind: 'dirty' as const,
      mono: 'n',
    }));
    const suspects = numbers.map((i) => ({
      ...{
        side: 'b' as const,
        id: `u${i}`,
        why: 'unknown' as const,
        feed: 'f',
        mono: '1',
        at: 1,
        keys: ['k'],
      },
    }));
    const lanes = [{ laneId: LANE, marks, suspects }];
    const sent = await statementsOf(() =>
      sync.commitObservations({ feed: FEED, fence, ...page, lanes, now: 1 }),
    );
    expect(sent.length).toBeLessThanOrEqual(7);
    expect(await sync.counts(LANE, 1)).toMatchObject({ dirty: 200, suspects: 200 });
    await state.close();
  });
});

describeWithServer('rows named twice in one commit', () => {
  it('are applied in order, as if each had come alone', async () => {
    const state = await openState(await emptySchema());
    const { sync } = state;
    const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
    const first = plainLink('1', { updatedAt: 1 });
    const links = [
      { link: first },
      { link: plainLink('2') },
      { link: { ...first, updatedAt: 2, cleanA: 0 } },
    ];
    await sync.commitLane({ guard, now: 1, links });
    expect((await sync.links(LANE, { by: 'id', ids: ['1'] }))[0]?.updatedAt).toBe(2);

    const fence = await holdFeed(state);
    const dirty = { side: 'a' as const, linkId: '1', kind: 'dirty' as const, mono: 'x2' };
    const clean = { side: 'a' as const, linkId: '1', kind: 'clean' as const, version: 'late', mono: 'x1' };
    const report = { side: 'b' as const, id: 'u', why: 'unknown' as const, feed: 'f', at: 1 };
    const suspects = [
      { ...report, mono: '5', keys: ['old'] },
      { ...report, mono: '3', keys: ['new'] },
    ];
    const lanes = [{ laneId: LANE, marks: [dirty, clean], suspects }];
    await sync.commitObservations({ feed: FEED, fence, ...page, lanes, now: 1 });
    const [link] = await sync.links(LANE, { by: 'id', ids: ['1'] });
    expect([link?.a?.version, link?.seenA]).toEqual(['v', 'x2']);
    const [suspect] = await sync.suspects(LANE, { limit: 9 });
    expect(suspect).toMatchObject({ mono: '5', keys: ['new'] });
    expect((await sync.candidates(LANE, 'b', ['old'], 9)).get('old')).toEqual([]);

    const again = [
      plainIntent('i'),
      plainIntent('i', { sentAt: 9, linkId: 'moved' }),
      plainIntent('j', { linkId: 'link-i' }),
    ];
    expect(await sync.openIntents({ guard, now: 1, intents: again, claims: [] })).toEqual({
      opened: ['i', 'i', 'j'],
      refused: [],
      repeated: [],
    });
    expect((await sync.openIntentsOf(LANE)).map(({ id, linkId }) => [id, linkId])).toEqual([
      ['j', 'link-i'],
      ['i', 'moved'],
    ]);
    await state.close();
  });
});

describeWithServer('text that PostgreSQL cannot hold as it is', () => {
  it('comes back unchanged, wherever it stands, and is found by its value', async () => {
    const state = await openState(await emptySchema());
    const { sync } = state;
    const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
    const odd = [
      'a\u0000b',
      '\ud800',
      'x\udc00\\u0000',
      '\u001a0000',
      '\u001a',
      '\\u001a0000',
      '😀 "\\" \n\u0007',
    ];
    const links = odd.map((value, i) => ({
      link: plainLink(`${i}${value}`, {
        shownA: { name: value, list: [value], address: { city: value } },
        b: { id: value, inc: 1, version: value, mono: 'm', stamp: value, gen: 1 },
      }),
    }));
    await sync.commitLane({ guard, now: 1, links });
    const found = await sync.links(LANE, { by: 'native', side: 'b', ids: odd });
    expect(found).toEqual(expect.arrayContaining(links.map(({ link }) => link)));
    expect(found.length).toBe(odd.length);
    const claims = odd.map((key, i) => ({ intentId: `i${i}`, store: 'hub', key }));
    const intents = odd.map((value, i) => plainIntent(`i${i}`, { patch: { name: value }, targetId: value }));
    await sync.openIntents({ guard, now: 1, intents, claims });
    expect((await sync.openIntentsOf(LANE)).map(({ targetId }) => targetId)).toEqual(odd);
    await sync.commitLane({
      guard,
      now: 1,
      keys: odd.map((key) => ({ side: 'a', id: 'r', keys: [key, key] })),
    });
    const last = odd.at(-1) ?? '';
    expect(await sync.candidates(LANE, 'a', [last], 9)).toEqual(new Map([[last, ['r']]]));
    await state.close();
  });
});
