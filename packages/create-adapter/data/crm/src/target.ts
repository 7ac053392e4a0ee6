import { AdapterError, type ContextOf, type CrmPort, type Finding, isAdapterError } from '@tidelock/core';
import { type Client, createClient, requireRunning } from './client.ts';
import type { AcmeOptions } from './config.ts';
import { toCatalogue } from './map.ts';
import { createStore } from './store.ts';
import { FieldsSchema, parseReply, UsersSchema, type WireField } from './wire.ts';

/** The field that keeps our stamp. */
const KEY_FIELD = 'external_key';

async function readFields(client: Client, signal?: AbortSignal): Promise<readonly WireField[]> {
  const operation = 'fields.list';
  const body = await client.request({
    operation,
    method: 'GET',
    path: '/v1/fields',
    repeatable: true,
    signal,
  });
  return parseReply(FieldsSchema, body, operation).items;
}

/** What an administrator can mend becomes a finding; trouble that passes by itself is thrown. */
function toFinding(error: unknown): Finding {
  if (!isAdapterError(error) || (error.kind !== 'auth' && error.kind !== 'forbidden')) throw error;
  return {
    code: error.kind === 'auth' ? 'sign-in' : 'missing-rights',
    severity: 'block',
    text: error.message,
    remedy: 'Check the access token and what it may do.',
  };
}

/** One connection to one account. Makes no request until a method is called. */
export function createAcme(options: AcmeOptions, context: ContextOf['crm']): CrmPort {
  const client = createClient(options, context);
  return {
    async check(call) {
      requireRunning(call?.signal, 'check');
      try {
        await readFields(client, call?.signal);
        return [];
      } catch (error) {
        return [toFinding(error)];
      }
    },
    async setup(call) {
      requireRunning(call?.signal, 'setup');
      const fields = await readFields(client, call?.signal);
      return [
        {
          code: 'stamp-field',
          text: `Contacts need the text field ${KEY_FIELD} with unique values.`,
          // TODO: what a person clicks.
          manual: ['Settings > Fields > Contacts > Add field', `Name: ${KEY_FIELD}; Text; Unique`],
          done: fields.some(({ name }) => name === KEY_FIELD),
        },
      ];
    },
    async users(emails, call) {
      if (emails.length === 0) return [];
      const operation = 'users.list';
      requireRunning(call?.signal, operation);
      const request = { operation, method: 'GET', path: '/v1/users', repeatable: true } as const;
      const { items } = parseReply(
        UsersSchema,
        await client.request({ ...request, signal: call?.signal }),
        operation,
      );
      // Several holders of an address are nobody: an owner is never guessed.
      return emails.map((email) => {
        const [one, ...others] = items.filter((user) => user.email?.toLowerCase() === email.toLowerCase());
        return one !== undefined && others.length === 0 ? one : null;
      });
    },
    open(scope) {
      if (scope.kind !== 'contact')
        throw new AdapterError('unsupported', 'this adapter has contacts only', { operation: 'open' });
      const catalogue = async (signal?: AbortSignal) => toCatalogue(await readFields(client, signal));
      return createStore({ client, scope, catalogue });
    },
    async close() {},
  };
}
