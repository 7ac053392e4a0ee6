import { type ContextOf, type CrmPort, type Finding, isAdapterError } from '@tidelock/core';
import { createSingleFlight, requireRunning } from '@tidelock/kit';
import { createClient } from './client.ts';
import { type SalesforceOptions, toCompanyField } from './config.ts';
import { type EventShape, toEventShape } from './event-fields.ts';
import { toEventSteps } from './event-probe.ts';
import { createEventStore } from './event-store.ts';
import { type Shape, toShape } from './fields.ts';
import { toFindings, toSetupSteps } from './probe.ts';
import { createAccounts } from './query-accounts.ts';
import { type Connection, createStore, toProperties } from './store.ts';
import { findUsers, findUsersBy } from './users.ts';
import {
  CONTACT,
  type Describe,
  DescribeSchema,
  type Entity,
  EVENT,
  EVENT_RELATION,
  parseReply,
} from './wire.ts';

function createConnection(options: SalesforceOptions, context: ContextOf['crm']): Connection {
  const client = createClient(options, context);
  const companyField = toCompanyField(options);
  const { stampField } = options;
  const shapes = createSingleFlight<'contacts', Shape>();
  const eventShapes = createSingleFlight<'events', EventShape>();
  let kept: Shape | null = null;
  let keptEvents: EventShape | null = null;

  const describe = async ({ name, noun }: Entity): Promise<Describe> => {
    const operation = `${noun}.describe`;
    const call = { operation, method: 'GET', path: `/sobjects/${name}/describe` } as const;
    return parseReply(DescribeSchema, (await client.request(call)).body, operation);
  };
  const describeContacts = async (): Promise<Shape> => {
    kept = toShape(await describe(CONTACT), { stampField, companyField });
    return kept;
  };
  const describeEvents = async (): Promise<EventShape> => {
    const [event, relation] = await Promise.all([describe(EVENT), describe(EVENT_RELATION)]);
    keptEvents = toEventShape({ event, relation }, stampField);
    return keptEvents;
  };

  return {
    client,
    clock: context.clock,
    accounts: createAccounts(client, context.clock),
    stampField,
    companyField,
    shape: (fresh = false) =>
      kept && !fresh ? Promise.resolve(kept) : shapes.run('contacts', describeContacts),
    eventShape: (fresh = false) =>
      keptEvents && !fresh ? Promise.resolve(keptEvents) : eventShapes.run('events', describeEvents),
    outdate() {
      kept = null;
      keptEvents = null;
    },
  };
}

/** What an administrator can mend becomes a finding; trouble that passes by itself is thrown. */
function toFinding(error: unknown): Finding {
  if (!isAdapterError(error) || !['auth', 'forbidden', 'not_found'].includes(error.kind)) throw error;
  const { kind, message, remedy } = error;
  const code = kind === 'auth' ? 'sign-in' : kind === 'forbidden' ? 'api-access' : 'api-version';
  return { code, severity: 'block', text: message, ...(remedy === undefined ? {} : { remedy }) };
}

/** One connection to one Salesforce org. Makes no request until a method is called. */
export function createSalesforce(options: SalesforceOptions, context: ContextOf['crm']): CrmPort {
  const connection = createConnection(options, context);
  const { client, stampField } = connection;
  return {
    async check(call) {
      requireRunning(call?.signal, 'check');
      try {
        const shape = await connection.shape(true);
        const properties = toProperties({ kind: 'contact' });
        return toFindings({ shape, stampField, properties, usage: client.usage() });
      } catch (error) {
        return [toFinding(error)];
      }
    },
    async setup(call) {
      requireRunning(call?.signal, 'setup');
      const contacts = toSetupSteps(await connection.shape(true), stampField);
      if (call?.kinds?.includes('event') !== true) return contacts;
      return [...contacts, ...toEventSteps(await connection.eventShape(true), stampField)];
    },
    async users(emails, call) {
      if (emails.length === 0) return [];
      requireRunning(call?.signal, 'users.find');
      return findUsers(client, emails, call);
    },
    async findUsers(by, values, call) {
      if (values.length === 0) return [];
      requireRunning(call?.signal, 'users.find');
      return findUsersBy(client, { by, values }, call);
    },
    open(scope) {
      return scope.kind === 'event' ? createEventStore(connection, scope) : createStore(connection, scope);
    },
    async close() {
      client.close();
    },
  };
}
