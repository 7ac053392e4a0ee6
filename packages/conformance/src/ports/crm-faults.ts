import { type CrmPort, isAdapterError } from '@tidelock/core';
import type { Fault } from '../fault.ts';
import type { CrmFixture, CrmTraits } from './crm-fixture.ts';

export type CrmFault = Fault<CrmFixture, CrmTraits, CrmPort>;

export function crmMethodsOf({ port }: CrmFixture): CrmPort {
  const { provision, verifyPush, findUsers } = port;
  return {
    check: (options) => port.check(options),
    setup: (options) => port.setup(options),
    users: (emails, options) => port.users(emails, options),
    open: (scope) => port.open(scope),
    close: () => port.close(),
    ...(provision ? { provision: provision.bind(port) } : {}),
    ...(verifyPush ? { verifyPush: verifyPush.bind(port) } : {}),
    ...(findUsers ? { findUsers: findUsers.bind(port) } : {}),
  };
}

/** Mistakes in the port of a CRM. */
export const crmFaults: readonly CrmFault[] = [
  {
    name: 'opening asks the service',
    noticedBy: ['crm-001'],
    breaks: (port) => ({
      open(scope) {
        port.check().catch(() => []);
        return port.open(scope);
      },
    }),
  },
  {
    name: 'users come in the order of their ids',
    noticedBy: ['crm-002'],
    breaks: (port) => ({
      users: async (emails, options) =>
        [...(await port.users(emails, options))].sort((a, b) => ((a?.id ?? '') < (b?.id ?? '') ? -1 : 1)),
    }),
  },
  {
    name: 'addresses are compared with their case',
    noticedBy: ['crm-002'],
    breaks: (port) => ({
      users: async (emails, options) =>
        (await port.users(emails, options)).map((user, at) => (user?.email === emails[at] ? user : null)),
    }),
  },
  {
    name: 'an address that nobody has is the first user',
    noticedBy: ['crm-003'],
    breaks: (port, { users }) => ({
      async users(emails, options) {
        const found = await port.users(emails, options);
        const [first = null] = await port.users(
          users.slice(0, 1).map(({ email }) => email),
          options,
        );
        return found.map((user) => user ?? first);
      },
    }),
  },
  {
    name: 'of two users with one address the first is taken',
    noticedBy: ['crm-004'],
    breaks: (port, { shared, users }) => ({
      async users(emails, options) {
        const found = await port.users(emails, options);
        const one = users[0];
        const guess = one ? { id: one.id, email: one.email, name: '', active: true } : null;
        return found.map((user, at) => (emails[at] === shared ? guess : user));
      },
    }),
  },
  {
    name: 'asking for nobody asks the service',
    noticedBy: ['crm-005'],
    breaks: (port) => ({
      users: async (emails, options) =>
        (await port.users(emails.length === 0 ? ['nobody@example.com'] : emails, options)).slice(
          0,
          emails.length,
        ),
    }),
  },
  {
    name: 'trouble means that there is no such user',
    noticedBy: ['crm-006'],
    breaks: (port) => ({
      users: (emails, options) =>
        port.users(emails, options).catch((error: unknown) => {
          if (isAdapterError(error)) return emails.map(() => null);
          throw error;
        }),
    }),
  },
  {
    name: 'a refused connection passes the check',
    noticedBy: ['crm-007'],
    breaks: (port) => ({
      check: (options) =>
        port.check(options).then(
          () => [],
          () => [],
        ),
    }),
  },
  {
    name: 'the codes of set-up steps are made up anew',
    noticedBy: ['crm-008'],
    breaks: (port) => {
      let count = 0;
      return {
        async setup(options) {
          count += 1;
          return (await port.setup(options)).map((step) => ({ ...step, code: `${step.code}-${count}` }));
        },
      };
    },
  },
  {
    name: 'a step is told as done and nothing was made',
    noticedBy: ['crm-012'],
    breaks: (port) => ({
      provision: async (_codes, options) =>
        (await port.setup(options)).map((step) => ({ ...step, done: true })),
    }),
  },
  {
    name: 'steps are done that nobody asked for',
    noticedBy: ['crm-012'],
    breaks: (port) => ({
      provision: async (_codes, options) => {
        const all = (await port.setup(options)).map(({ code }) => code);
        return (await port.provision?.(all, options)) ?? [];
      },
    }),
  },
  {
    name: 'a push is believed unread',
    noticedBy: ['crm-013'],
    breaks: (port) => (port.verifyPush ? { verifyPush: () => ({ accepted: true, hints: 1 }) } : {}),
  },
  {
    name: 'the body of a push is not under its signature',
    noticedBy: ['crm-013'],
    breaks: ({ verifyPush }, { push }) =>
      verifyPush && push
        ? { verifyPush: (request) => verifyPush({ ...request, body: push()?.body ?? request.body }) }
        : {},
  },
  {
    name: 'a push names records by ids that nothing reads',
    noticedBy: ['crm-014'],
    breaks: (port) =>
      port.verifyPush
        ? {
            verifyPush(request) {
              const verdict = port.verifyPush?.(request) ?? { accepted: false, reason: 'unconfigured' };
              if (!verdict.accepted) return verdict;
              return {
                ...verdict,
                records: verdict.records?.map((one) => ({ ...one, id: `${one.id}0` })) ?? [],
              };
            },
          }
        : {},
  },
];
