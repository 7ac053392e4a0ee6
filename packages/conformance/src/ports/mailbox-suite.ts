import assert from 'node:assert/strict';
import type { ConformanceSuite, Mailbox, MailboxPort, MailboxScope } from '@tidelock/core';
import type { Case, Disposable, MakeFixture, TestApi } from '../harness.ts';
import type { RecordFaults } from '../record-store/fixture.ts';
import { thrown } from '../record-store/session.ts';
import { createSuite, testSuite } from '../suite.ts';
import { assertFindings, assertFirst, PORT_FAULTS } from './port-checks.ts';
import { type PushOracle, pushCases } from './push-cases.ts';

export interface MailboxFixture extends Disposable {
  readonly port: MailboxPort;
  /** Opens a mailbox that exists. */
  readonly scope: MailboxScope;
  /** Mailboxes of the emulator with their true state, at least two of them `ready`. */
  readonly known: readonly Pick<Mailbox, 'id' | 'address' | 'state'>[];
  /** A group with a group inside it that has members of its own. Absent = the vendor has none. */
  readonly group?: { readonly id: string; readonly members: readonly string[] };
  /** The service as it tells about changes. Absent = it tells nobody. */
  readonly push?: PushOracle;
  readonly faults: Pick<RecordFaults, 'next' | 'clear'>;
  requests(): number;
}

interface Traits {
  readonly hasGroups: boolean;
  readonly hasPush: boolean;
}

type MailboxCase = Case<MailboxFixture, Traits>;
const noGroups = ({ hasGroups }: Traits): string | null => (hasGroups ? null : 'the adapter reads no groups');
const NOBODY = 'nobody.at.all@nowhere.example';

const brief = ({ id, address, state }: Pick<Mailbox, 'id' | 'address' | 'state'>) => ({
  id,
  address: address.toLowerCase(),
  state,
});

export const mailboxCases: readonly MailboxCase[] = [
  {
    id: 'mailbox-001',
    title: 'opening makes no request',
    async run({ port, scope, requests }) {
      const before = requests();
      port.open(scope);
      port.open({ ...scope, mailbox: NOBODY });
      await new Promise((done) => setImmediate(done));
      assert.equal(requests(), before);
    },
  },
  {
    id: 'mailbox-002',
    title: 'named mailboxes come in the order asked, with their state, in any case',
    async run({ port, known }) {
      const asked = [...known].reverse().map((each) => each.address.toUpperCase());
      const answer = await port.mailboxes(asked);
      assert.deepEqual(answer.map(brief), [...known].reverse().map(brief));
    },
  },
  {
    id: 'mailbox-003',
    title: 'an address that nobody has keeps its place and is not ready',
    async run({ port, known }) {
      const some = assertFirst(known).address;
      const answer = await port.mailboxes([some, NOBODY, some]);
      assert.equal(answer.length, 3);
      assert.equal(answer[1]?.address.toLowerCase(), NOBODY);
      assert.equal(answer[1]?.state, 'no-mailbox');
      assert.equal(answer[2]?.id, answer[0]?.id);
    },
  },
  {
    id: 'mailbox-004',
    title: 'without names the directory lists every ready mailbox',
    async run({ port, known }) {
      const listed = new Set((await port.mailboxes()).map((each) => each.id));
      for (const each of known.filter((item) => item.state === 'ready')) {
        assert.ok(listed.has(each.id), 'a ready mailbox is missing');
      }
    },
  },
  {
    id: 'mailbox-005',
    title: 'asking for no mailboxes answers none and makes no request',
    async run({ port, requests }) {
      const before = requests();
      assert.deepEqual(await port.mailboxes([]), []);
      assert.equal(requests(), before);
    },
  },
  {
    id: 'mailbox-006',
    title: 'check answers findings, and blocks nothing on a good connection',
    async run({ port }) {
      const findings = await port.check();
      assertFindings(findings);
      assert.deepEqual(
        findings.filter((each) => each.severity === 'block'),
        [],
      );
    },
  },
  {
    id: 'mailbox-007',
    title: 'check on a refused connection throws or blocks, never passes',
    async run({ port, faults }) {
      for (const fault of ['401', '403'] as const) {
        await faults.next(fault);
        const findings = await port.check().catch(async (error: unknown) => {
          await thrown(Promise.reject(error));
          return null;
        });
        await faults.clear();
        if (findings === null) continue;
        assertFindings(findings);
        assert.ok(findings.some((each) => each.severity === 'block'));
      }
    },
  },
  {
    id: 'mailbox-008',
    title: 'trouble of the directory is thrown, never "no mailboxes"',
    async run({ port, known, faults }) {
      for (const [fault, kind] of PORT_FAULTS) {
        await faults.next(fault);
        await thrown(port.mailboxes(), kind);
        if (fault !== '403') await thrown(port.mailboxes([assertFirst(known).address]), kind);
        await faults.clear();
      }
    },
  },
  {
    id: 'mailbox-009',
    title: 'the opened store reads',
    async run({ port, scope }) {
      const store = port.open(scope);
      assert.ok((await store.feeds()).length > 0);
      assert.ok(Object.keys((await store.probe()).catalogue).length > 0);
    },
  },
  {
    id: 'mailbox-010',
    title: 'closing twice is harmless',
    async run({ port }) {
      await port.close();
      await port.close();
    },
  },
  {
    id: 'mailbox-011',
    title: 'the members of a group include those of the groups inside it, each once, as ids of mailboxes',
    needs: noGroups,
    async run({ port, group }) {
      const members = (await port.members?.(group?.id ?? '')) ?? [];
      assert.deepEqual([...members].sort(), [...(group?.members ?? [])].sort());
      const mailboxes = await port.mailboxes(members);
      assert.deepEqual(
        mailboxes.map(({ id }) => id),
        members,
      );
    },
  },
  {
    id: 'mailbox-012',
    title: 'a group that cannot be read, or is not there, is an error and never an empty group',
    needs: noGroups,
    async run({ port, group, faults }) {
      await thrown(port.members?.('00000000-0000-4000-8000-00000000dead') ?? Promise.resolve(), 'not_found');
      for (const [fault, kind] of PORT_FAULTS) {
        await faults.next(fault);
        await thrown(port.members?.(group?.id ?? '') ?? Promise.resolve(), kind);
        await faults.clear();
      }
    },
  },
];

/** Contract `mailbox@1`, the port itself; its stores are tested by `testRecordStore`. */
export function mailboxSuite(
  name: string,
  makeFixture: MakeFixture<MailboxFixture>,
  waivers: Readonly<Record<string, string>> = {},
): ConformanceSuite {
  const probe = ({ port, group, push }: MailboxFixture): Traits => ({
    hasGroups: port.members !== undefined && group !== undefined,
    hasPush: port.push !== undefined && push !== undefined,
  });
  const cases = [...mailboxCases, ...pushCases];
  return createSuite({ name: `mailbox: ${name}`, cases, makeFixture, probe, waivers });
}

/** Registers `mailboxSuite` with a test framework. */
// biome-ignore lint/complexity/useMaxParams: framework, name, fixture, waivers is the order of every suite function
export function testMailbox(
  api: TestApi,
  name: string,
  makeFixture: MakeFixture<MailboxFixture>,
  waivers: Readonly<Record<string, string>> = {},
): void {
  testSuite(api, mailboxSuite(name, makeFixture, waivers));
}
