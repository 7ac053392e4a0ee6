import { type ContextOf, type CrmPort, type Finding, isAdapterError } from '@tidelock/core';
import { createSingleFlight, requireContacts, requireRunning } from '@tidelock/kit';
import { createClient } from './client.ts';
import { type SalesforceOptions, toCompanyField } from './config.ts';
import { type Shape, toShape } from './fields.ts';
import { toFindings, toSetupSteps } from './probe.ts';
import { createAccounts } from './query-accounts.ts';
import { type Connection, createStore, toProperties } from './store.ts';
import { findUsers, findUsersBy } from './users.ts';
import { DescribeSchema, parseReply } from './wire.ts';

const DESCRIBE = 'contacts.describe';

function createConnection(options: SalesforceOptions, context: ContextOf['crm']): Connection {
  const client = createClient(options, context);
  const companyField = toCompanyField(options);
  const { stampField } = options;
  const flights = createSingleFlight<'describe', Shape>();
  let kept: Shape | null = null;

  const describe = async (): Promise<Shape> => {
    const answer = await client.request({
      operation: DESCRIBE,
      method: 'GET',
      path: '/sobjects/Contact/describe',
    });
    kept = toShape(parseReply(DescribeSchema, answer.body, DESCRIBE), { stampField, companyField });
    return kept;
  };

  return {
    client,
    clock: context.clock,
    accounts: createAccounts(client, context.clock),
    stampField,
    companyField,
    shape: (fresh = false) => (kept && !fresh ? Promise.resolve(kept) : flights.run('describe', describe)),
    outdate() {
      kept = null;
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
      return toSetupSteps(await connection.shape(true), stampField);
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
      requireContacts(scope.kind);
      return createStore(connection, scope);
    },
    async close() {
      client.close();
    },
  };
}
