import { AdapterError, type CrmPort, type Finding, type Mailbox, type MailboxPort } from '@tidelock/core';
import { expect, it } from 'vitest';
import {
  type CrmFixture,
  createReferenceFixture,
  crmCases,
  type MailboxFixture,
  mailboxCases,
  runCase,
  testCrm,
  testMailbox,
} from '../src/index.ts';
import { api } from './vitest-api.ts';

const KIND = {
  '401': 'auth',
  '403': 'forbidden',
  '429': 'rate_limited',
  '500': 'unavailable',
  timeout: 'unavailable',
} as const;

function createWire() {
  let requests = 0;
  let fault: keyof typeof KIND | null = null;
  return {
    requests: () => requests,
    faults: {
      next: (kind: keyof typeof KIND) => {
        fault = kind;
      },
      clear: () => {
        fault = null;
      },
    },
    async ask() {
      requests += 1;
      if (fault !== null) throw new AdapterError(KIND[fault], 'refused', { operation: 'directory' });
    },
  };
}

const BOXES: readonly Mailbox[] = [
  { id: 'm1', address: 'Ann@example.com', displayName: 'Ann', state: 'ready' },
  { id: 'm2', address: 'bob@example.com', displayName: 'Bob', state: 'ready' },
  { id: 'm3', address: 'room@example.com', displayName: 'Room', state: 'out-of-scope' },
];

function createMailboxFixture(swallows = false, opensEagerly = false): MailboxFixture {
  const wire = createWire();
  const { store } = createReferenceFixture();
  const find = (address: string): Mailbox =>
    BOXES.find((each) => each.address.toLowerCase() === address.toLowerCase()) ?? {
      id: '',
      address,
      displayName: '',
      state: 'no-mailbox',
    };
  const port: MailboxPort = {
    async check() {
      await wire.ask();
      return [];
    },
    async mailboxes(addresses) {
      if (addresses?.length === 0) return [];
      if (swallows) await wire.ask().catch(() => undefined);
      else await wire.ask();
      return addresses ? addresses.map(find) : BOXES;
    },
    open: () => {
      if (opensEagerly) void wire.ask();
      return store;
    },
    close: async () => {},
  };
  return { port, scope: { mailbox: 'm1', kind: 'contact' }, known: BOXES, ...wire, dispose: () => {} };
}

const USERS = [
  { id: 'u1', email: 'ann@example.com', name: 'Ann', active: true },
  { id: 'u2', email: 'bob@example.com', name: 'Bob', active: false },
  { id: 'u3', email: 'team@example.com', name: 'One', active: true },
  { id: 'u4', email: 'team@example.com', name: 'Two', active: true },
];

function createCrmFixture(takesFirst = false, blocksNothing = false): CrmFixture {
  const wire = createWire();
  const { store } = createReferenceFixture();
  const block: Finding = {
    code: 'connection-refused',
    severity: 'block',
    text: 'refused',
    remedy: 'consent',
  };
  const port: CrmPort = {
    check: () =>
      wire.ask().then(
        () => [],
        () => (blocksNothing ? [] : [block]),
      ),
    setup: async () => [{ code: 'stamp-field', text: 'the field', manual: ['click'], done: false }],
    async users(emails) {
      if (emails.length === 0) return [];
      await wire.ask();
      return emails.map((email) => {
        const matches = USERS.filter((each) => each.email === email.toLowerCase());
        return matches.length === 1 || takesFirst ? (matches[0] ?? null) : null;
      });
    },
    open: () => store,
    close: async () => {},
  };
  const users = USERS.slice(0, 2);
  return { port, scope: { kind: 'contact' }, users, shared: 'team@example.com', ...wire, dispose: () => {} };
}

testMailbox(api, 'smallest port', () => createMailboxFixture());
testCrm(api, 'smallest port', () => createCrmFixture());

it('a directory failure taken for an answer is caught by mailbox-008', async () => {
  const item = mailboxCases.find((each) => each.id === 'mailbox-008');
  await expect(item && runCase(item, () => createMailboxFixture(true))).rejects.toThrow();
});

it('a request made by open is caught by mailbox-001', async () => {
  const item = mailboxCases.find((each) => each.id === 'mailbox-001');
  await expect(item && runCase(item, () => createMailboxFixture(false, true))).rejects.toThrow();
});

it('the first of several users is caught by crm-004', async () => {
  const item = crmCases.find((each) => each.id === 'crm-004');
  await expect(
    item &&
      runCase(
        item,
        () => createCrmFixture(true),
        () => ({ hasShared: true }),
      ),
  ).rejects.toThrow();
});

it('a refused connection that passes the check is caught by crm-007', async () => {
  const item = crmCases.find((each) => each.id === 'crm-007');
  await expect(item && runCase(item, () => createCrmFixture(false, true))).rejects.toThrow();
});
