import assert from 'node:assert/strict';
import type { ConformanceSuite, PushRequest, SetupStep } from '@tidelock/core';
import { createFaults } from '../fault.ts';
import type { Case, MakeFixture, TestApi } from '../harness.ts';
import { thrown } from '../record-store/session.ts';
import { createSuite, testSuite } from '../suite.ts';
import { crmFaults, crmMethodsOf } from './crm-faults.ts';
import type { CrmFixture, CrmTraits } from './crm-fixture.ts';
import { assertFindings, assertFirst, PORT_FAULTS } from './port-checks.ts';

type CrmCase = Case<CrmFixture, CrmTraits>;
const NOBODY = "nobody'at\\all@nowhere.example";

export const crmCases: readonly CrmCase[] = [
  {
    id: 'crm-001',
    title: 'opening makes no request',
    async run({ port, scope, requests }) {
      const before = requests();
      port.open(scope);
      await new Promise((done) => setImmediate(done));
      assert.equal(requests(), before);
    },
  },
  {
    id: 'crm-002',
    title: 'users come in the order asked, one per address, in any case',
    async run({ port, users }) {
      const asked = [...users].reverse();
      const emails = [...asked.map((each) => each.email.toUpperCase()), assertFirst(asked).email];
      const answer = await port.users(emails);
      assert.deepEqual(
        answer.map((each) => each && { id: each.id, active: each.active }),
        [...asked, assertFirst(asked)].map(({ id, active }) => ({ id, active })),
      );
    },
  },
  {
    id: 'crm-003',
    title: 'an address that nobody has is null in its place',
    async run({ port, users }) {
      const some = assertFirst(users);
      const answer = await port.users([NOBODY, some.email, '%', `x${some.email}`]);
      assert.deepEqual(
        answer.map((each) => each?.id ?? null),
        [null, some.id, null, null],
      );
    },
  },
  {
    id: 'crm-004',
    title: 'an address that two users have is null',
    needs: ({ hasShared }) => (hasShared ? null : 'the vendor forbids two users with one address'),
    async run({ port, shared }) {
      assert.deepEqual(await port.users([shared ?? '']), [null]);
    },
  },
  {
    id: 'crm-005',
    title: 'asking for no users answers none and makes no request',
    async run({ port, requests }) {
      const before = requests();
      assert.deepEqual(await port.users([]), []);
      assert.equal(requests(), before);
    },
  },
  {
    id: 'crm-006',
    title: 'trouble is thrown, never "no such user"',
    async run({ port, users, faults }) {
      for (const [fault, kind] of PORT_FAULTS) {
        await faults.next(fault);
        await thrown(port.users([assertFirst(users).email]), kind);
        await faults.clear();
      }
    },
  },
  {
    id: 'crm-007',
    title: 'check answers findings, and throws or blocks on a refused connection',
    async run({ port, faults }) {
      assertFindings(await port.check());
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
    id: 'crm-008',
    title: 'set-up steps have codes and say what a person clicks; setting up twice ends as done',
    async run({ port }) {
      const codes = new Set<string>();
      for (const step of await port.setup()) {
        assert.match(step.code, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
        assert.ok(step.text.length > 0);
        assert.ok(step.done || step.manual.length > 0, `"${step.code}" is open and says not what to do`);
        codes.add(step.code);
      }
      const again = await port.setup();
      assert.deepEqual(new Set(again.map((step) => step.code)), codes);
    },
  },
  {
    id: 'crm-009',
    title: 'the opened store reads',
    async run({ port, scope }) {
      const store = port.open(scope);
      assert.ok((await store.feeds()).length > 0);
      assert.ok(Object.keys((await store.probe()).catalogue).length > 0);
    },
  },
  {
    id: 'crm-010',
    title: 'closing twice is harmless',
    async run({ port }) {
      await port.close();
      await port.close();
    },
  },
  {
    id: 'crm-011',
    title: 'users are found by e-mail and by id, several or none, in the order asked',
    needs: ({ findsUsers }) => (findsUsers ? null : 'the adapter finds users by e-mail address only'),
    async run({ port, users, shared, faults }) {
      const ids = async (by: string, values: readonly string[]) =>
        ((await port.findUsers?.(by, values)) ?? []).map((found) => found.map(({ id }) => id));
      const [one, two] = [assertFirst(users), assertFirst([...users].reverse())];
      assert.deepEqual(await ids('email', [NOBODY, one.email.toUpperCase(), two.email, one.email]), [
        [],
        [one.id],
        [two.id],
        [one.id],
      ]);
      assert.deepEqual(await ids('id', [two.id, 'nobody', one.id]), [[two.id], [], [one.id]]);
      assert.deepEqual(await ids('email', []), []);
      if (shared !== undefined) assert.ok(((await ids('email', [shared]))[0]?.length ?? 0) > 1);
      await thrown(port.findUsers?.('no such property', ['x']) ?? Promise.resolve(), 'invalid');
      for (const [fault, kind] of PORT_FAULTS) {
        await faults.next(fault);
        await thrown(port.findUsers?.('email', [one.email]) ?? Promise.resolve(), kind);
        await faults.clear();
      }
    },
  },
  {
    id: 'crm-012',
    title: 'provisioning does the steps that it is asked for, once, and says what is so afterwards',
    needs: ({ provisions }) => (provisions ? null : 'the adapter does no set-up step by itself'),
    async run({ port, unprepare }) {
      assert.ok(port.provision && unprepare, 'the fixture must be able to take the set-up away');
      const isOpen = (step: SetupStep): boolean => step.automatic === true && !step.done;
      unprepare();
      const open = (await port.setup()).filter(isOpen);
      assert.ok(open.length > 0, 'nothing is left to be done after it was taken away');
      assert.deepEqual((await port.provision([])).filter(isOpen), open, 'nobody asked for it');
      assert.deepEqual((await port.provision(['no-such-step'])).filter(isOpen), open);
      const codes = open.map(({ code }) => code);
      assert.deepEqual((await port.provision(codes)).filter(isOpen), []);
      assert.deepEqual(
        (await port.setup()).filter(isOpen),
        [],
        'it says done, and the service says otherwise',
      );
      assert.deepEqual((await port.provision(codes)).filter(isOpen), []);
    },
  },
  {
    id: 'crm-013',
    title: 'a push is accepted as the service signs it, and with nothing changed about it',
    needs: ({ takesPushes }) => (takesPushes ? null : 'the adapter takes no pushes'),
    async run({ port, push, requests }) {
      assert.ok(push, 'the fixture must be able to sign');
      const before = requests();
      const judge = (request: PushRequest) => port.verifyPush?.(request);
      const signed = push();
      assert.equal(judge(signed)?.accepted, true);
      const other = new TextEncoder().encode(`${new TextDecoder().decode(signed.body)} `);
      const forged: readonly PushRequest[] = [
        { ...signed, headers: {} },
        { ...signed, body: other },
        { ...signed, body: new Uint8Array() },
        { ...signed, url: `${signed.url}/elsewhere` },
        { ...signed, method: signed.method === 'POST' ? 'PUT' : 'POST' },
      ];
      for (const request of forged) assert.equal(judge(request)?.accepted, false);
      assert.equal(requests(), before, 'judging makes no request');
    },
  },
  {
    id: 'crm-014',
    title: 'records that a push names are read by those ids, before changes show them',
    needs: ({ takesPushes }) => (takesPushes ? null : 'the adapter takes no pushes'),
    async run({ port, scope, push, create }) {
      assert.ok(push, 'the fixture must be able to sign');
      const named = (request: PushRequest) => {
        const verdict = port.verifyPush?.(request);
        return verdict?.accepted === true ? verdict.records : [];
      };
      if (named(push()) === undefined) return;
      assert.ok(create, 'the fixture must be able to make a record');
      const id = await create();
      assert.deepEqual(named(push(id)), [{ kind: scope.kind, id }]);
      const [read] = await port.open(scope).read([id]);
      assert.equal(read?.state, 'found', 'what was named is not found by that id');
      assert.equal(read.id, id);
      assert.deepEqual(named({ ...push(id), headers: {} }), [], 'nothing is taken from what is not believed');
    },
  },
];

/** Contract `crm@1`, the port itself; its stores are tested by `testRecordStore`. */
export function crmSuite(
  name: string,
  makeFixture: MakeFixture<CrmFixture>,
  waivers: Readonly<Record<string, string>> = {},
): ConformanceSuite {
  const probe = ({ shared, port }: CrmFixture): CrmTraits => ({
    hasShared: shared !== undefined,
    findsUsers: port.findUsers !== undefined,
    provisions: port.provision !== undefined,
    takesPushes: port.verifyPush !== undefined,
  });
  return createSuite({
    name: `crm: ${name}`,
    cases: crmCases,
    makeFixture,
    probe,
    waivers,
    faults: createFaults({
      faults: crmFaults,
      cases: crmCases,
      makeFixture,
      probe,
      key: 'port',
      methodsOf: crmMethodsOf,
    }),
  });
}

/** Registers `crmSuite` with a test framework. */
// biome-ignore lint/complexity/useMaxParams: framework, name, fixture, waivers is the order of every suite function
export function testCrm(
  api: TestApi,
  name: string,
  makeFixture: MakeFixture<CrmFixture>,
  waivers: Readonly<Record<string, string>> = {},
): void {
  testSuite(api, crmSuite(name, makeFixture, waivers));
}
