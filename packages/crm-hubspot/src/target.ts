import { type CallOptions, type ContextOf, type CrmPort, type Finding, isAdapterError } from '@tidelock/core';
import { createSingleFlight, requireContacts, requireRunning } from '@tidelock/kit';
import { createClient } from './client.ts';
import type { HubSpotOptions } from './config.ts';
import { type Shape, toShape } from './fields.ts';
import { STAMP_STEP, toFindings, toSetupSteps } from './probe.ts';
import { verifyPush } from './push.ts';
import { type Connection, createStore, toProperties } from './store.ts';
import { findUsers } from './users.ts';
import { PropertiesSchema, parseReply } from './wire.ts';

function createConnection(options: HubSpotOptions, context: ContextOf['crm']): Connection {
  const client = createClient(options, context);
  const { stampProperty } = options;
  const flights = createSingleFlight<'properties', Shape>();
  let kept: Shape | null = null;

  const describe = async (): Promise<Shape> => {
    const operation = 'contacts.properties';
    const answer = await client.request({ operation, method: 'GET', path: '/properties/contacts' });
    kept = toShape(parseReply(PropertiesSchema, answer.body, operation).results, stampProperty);
    return kept;
  };

  return {
    client,
    stampProperty,
    shape: (fresh = false) => (kept && !fresh ? Promise.resolve(kept) : flights.run('properties', describe)),
    outdate() {
      kept = null;
    },
  };
}

/** What an administrator can mend becomes a finding; trouble that passes by itself is thrown. */
function toFinding(error: unknown): Finding {
  if (!isAdapterError(error) || !['auth', 'forbidden'].includes(error.kind)) throw error;
  const { kind, message, remedy } = error;
  const code = kind === 'auth' ? 'sign-in' : 'missing-scopes';
  return { code, severity: 'block', text: message, ...(remedy === undefined ? {} : { remedy }) };
}

/** Makes the property for our stamp. One that is there already is fine; whether it will do is seen afterwards. */
async function createStampProperty({ client, stampProperty }: Connection, call?: CallOptions): Promise<void> {
  try {
    await client.request({
      operation: 'properties.create',
      method: 'POST',
      path: '/properties/contacts',
      body: {
        name: stampProperty,
        label: 'Tidelock key',
        description: 'Keeps a repeated create from making a second contact. Written by Tidelock.',
        groupName: 'contactinformation',
        type: 'string',
        fieldType: 'text',
        hasUniqueValue: true,
        formField: false,
      },
      signal: call?.signal,
    });
  } catch (error) {
    if (!isAdapterError(error) || error.kind !== 'conflict') throw error;
  }
}

/** One connection to one HubSpot account. Makes no request until a method is called. */
export function createHubSpot(options: HubSpotOptions, context: ContextOf['crm']): CrmPort {
  const connection = createConnection(options, context);
  const { client, stampProperty } = connection;
  return {
    async check(call) {
      requireRunning(call?.signal, 'check');
      try {
        const shape = await connection.shape(true);
        return toFindings({ shape, stampProperty, properties: toProperties({ kind: 'contact' }), client });
      } catch (error) {
        return [toFinding(error)];
      }
    },
    async setup(call) {
      requireRunning(call?.signal, 'setup');
      return toSetupSteps(await connection.shape(true), stampProperty);
    },
    async provision(codes, call) {
      requireRunning(call?.signal, 'provision');
      const steps = toSetupSteps(await connection.shape(true), stampProperty);
      const open = steps.filter(
        ({ code, done, automatic }) => automatic === true && !done && codes.includes(code),
      );
      if (open.some(({ code }) => code === STAMP_STEP)) await createStampProperty(connection, call);
      return toSetupSteps(await connection.shape(true), stampProperty);
    },
    verifyPush: (request) => verifyPush(request, { secret: options.webhookSecret, now: context.clock.now() }),
    async users(emails, call) {
      if (emails.length === 0) return [];
      requireRunning(call?.signal, 'owners.list');
      return findUsers(client, emails, call);
    },
    open(scope) {
      requireContacts(scope.kind);
      return createStore(connection, scope);
    },
    async close() {},
  };
}
