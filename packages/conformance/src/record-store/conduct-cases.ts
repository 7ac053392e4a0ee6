import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { caseOf, type RecordCase } from './record-case.ts';
import { type Session, stampOf } from './session.ts';
import { updateOf } from './write-cases.ts';

const CANARY = 'canary-7f3a91';
/** Requests that may be under way side by side when an abort comes; each of them may still arrive. */
const PARALLEL = 4;

/** Everything that a thrown error would put into a log. */
async function failure(work: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await work);
  } catch (error) {
    return inspect(error, { depth: 8, showHidden: true });
  }
}

/** What the adapter says about failed and refused calls whose input holds the canary. */
async function saidUnderFaults(session: Session): Promise<readonly string[]> {
  const { store, fixture } = session;
  const { sample } = fixture;
  const [id] = await session.seed(1);
  const record = await session.found(id ?? '');
  const fields = { ...session.person(2), [sample.text]: CANARY, [sample.name]: CANARY };
  const said: string[] = [];
  for (const fault of ['401', '403', '429', '500', 'timeout'] as const) {
    await fixture.faults.next(fault);
    const asked = sample.email === undefined ? 'stamp' : 'email';
    said.push(await failure(store.find(asked, [`${CANARY}@example.com`])));
    said.push(await failure(store.write([updateOf(record, { [sample.text]: CANARY })])));
    said.push(await failure(store.write([{ op: 'create', stamp: stampOf(1), fields }])));
    await fixture.faults.clear();
    await session.settle();
  }
  if (sample.refused) {
    const refused = { ...fields, ...sample.refused };
    said.push(await failure(store.write([{ op: 'create', stamp: stampOf(3), fields: refused }])));
  }
  return said;
}

const counted = (traits: { countsRequests: boolean }) =>
  traits.countsRequests ? null : 'the fixture does not count requests';

/** Requests after the abort, of a call that was aborted while it ran. */
async function afterAbort(
  session: Session,
  call: (signal: AbortSignal) => Promise<unknown>,
): Promise<number> {
  const count = () => session.fixture.requests?.() ?? 0;
  const controller = new AbortController();
  const before = count();
  const running = call(controller.signal).then(
    () => 'returned',
    () => 'threw',
  );
  for (let turn = 0; turn < 200 && count() === before; turn += 1)
    await new Promise((done) => setImmediate(done));
  const sent = count();
  controller.abort(new Error('aborted by the suite'));
  await running;
  return count() - sent;
}

export const conductCases: readonly RecordCase[] = [
  caseOf('record-store-070', 'errors, outcomes and logs hold no values and no secrets', async (session) => {
    const said = await saidUnderFaults(session);
    const leaks = session.fixture.leaks;
    const texts = [...said, leaks?.logged() ?? ''];
    for (const needle of [CANARY, ...(leaks?.secrets ?? [])]) {
      const forms = [needle, Buffer.from(needle).toString('base64url'), Buffer.from(needle).toString('hex')];
      for (const form of forms) {
        assert.ok(
          !texts.some((text) => text.includes(form)),
          'a planted value or secret is in an error or a log',
        );
      }
    }
  }),
  caseOf(
    'record-store-071',
    'an aborted signal stops every call before its first request',
    async (session) => {
      const [id] = await session.seed(1);
      const record = await session.found(id ?? '');
      const feed = await session.feed();
      const options = { signal: AbortSignal.abort(new Error('aborted by the suite')) };
      const before = session.fixture.requests?.();
      const calls = [
        session.store.changes(feed, null, options),
        session.store.list(feed, null, options),
        session.store.read([record.id], options),
        session.store.find('email', ['person1@example.com'], options),
        session.store.write([updateOf(record, { [session.fixture.sample.text]: 'Aborted' })], options),
      ];
      const settled = await Promise.allSettled(calls);
      assert.deepEqual(
        settled.map((each) => each.status),
        calls.map(() => 'rejected'),
      );
      assert.equal(session.fixture.requests?.(), before);
      assert.equal((await session.truth(record.id))?.fields[session.fixture.sample.text], 'Text 1');
    },
  ),
  caseOf(
    'record-store-072',
    'an abort in the middle stops with the requests under way',
    async (session) => {
      const ids = await session.seed(30);
      const many = Array.from({ length: 40 }, () => ids).flat();
      const after = await afterAbort(session, (signal) => session.store.read(many, { signal }));
      assert.ok(after <= PARALLEL, `${after} more requests`);
    },
    counted,
  ),
  caseOf('record-store-073', 'probe describes a catalogue that its own sample fits', async (session) => {
    const { sample } = session.fixture;
    const probe = await session.store.probe();
    for (const property of [sample.name, sample.email, sample.phone, sample.text]) {
      if (property === undefined) continue;
      assert.equal(probe.catalogue[property]?.writable, true, `"${property}" is not writable`);
    }
    for (const finding of probe.findings) {
      assert.match(finding.code, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      assert.ok(['block', 'warn', 'info'].includes(finding.severity) && finding.text.length > 0);
    }
    assert.ok(probe.capabilities.batch.read >= 1 && probe.capabilities.batch.write >= 1);
    assert.ok(probe.capabilities.lagSeconds >= 0 && probe.capabilities.zombieSeconds >= 0);
    assert.deepEqual((await session.store.probe()).capabilities, probe.capabilities);
  }),
  caseOf('record-store-074', 'probe, feeds and reads write nothing', async (session) => {
    await session.seed(3);
    const before = JSON.stringify(await session.fixture.oracle.all());
    await session.store.probe();
    await session.drain(null);
    await session.listAll();
    await session.store.find('email', ['person1@example.com']);
    assert.equal(JSON.stringify(await session.fixture.oracle.all()), before);
  }),
];
