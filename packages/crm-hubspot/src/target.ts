import {
  type CallOptions,
  type ContextOf,
  type CrmPort,
  type CrmUser,
  type Finding,
  isAdapterError,
  type SetupOptions,
  type SetupStep,
} from '@tidelock/core';
import { createSingleFlight, requireRunning } from '@tidelock/kit';
import { type Client, createClient } from './client.ts';
import type { HubSpotOptions } from './config.ts';
import { type MeetingShape, toMeetingShape } from './event-fields.ts';
import type { Owners } from './event-guests.ts';
import { type MeetingProperty, meetingProperties, toEventSteps } from './event-probe.ts';
import { createEventStore } from './event-store.ts';
import { type Shape, toShape } from './fields.ts';
import type { ObjectKind } from './map.ts';
import { STAMP_STEP, toFindings, toSetupSteps } from './probe.ts';
import { verifyPush } from './push.ts';
import { type Connection, createStore, toProperties } from './store.ts';
import { findUsers, listAllOwners } from './users.ts';
import { PropertiesSchema, parseReply, type WireProperty } from './wire.ts';

/** How long it is taken for granted who uses the account. */
const OWNERS_MS = 5 * 60_000;

function createOwners(client: Client, clock: ContextOf['crm']['clock']): Owners {
  const flights = createSingleFlight<'owners', readonly CrmUser[]>();
  let kept: { readonly at: number; readonly users: readonly CrmUser[] } | null = null;
  const list = async (): Promise<readonly CrmUser[]> => {
    const at = clock.mono();
    const users = await listAllOwners(client);
    kept = { at, users };
    return users;
  };
  return async () =>
    kept !== null && clock.mono() - kept.at < OWNERS_MS ? kept.users : await flights.run('owners', list);
}

function createConnection(options: HubSpotOptions, context: ContextOf['crm']): Connection {
  const client = createClient(options, context);
  const { stampProperty, allDayProperty } = options;
  const flights = createSingleFlight<'properties', Shape>();
  const meetingFlights = createSingleFlight<'properties', MeetingShape>();
  let kept: Shape | null = null;
  let keptMeetings: MeetingShape | null = null;

  const propertiesOf = async (type: ObjectKind['type']): Promise<readonly WireProperty[]> => {
    const operation = `${type}.properties`;
    const answer = await client.request({ operation, method: 'GET', path: `/properties/${type}` });
    return parseReply(PropertiesSchema, answer.body, operation).results;
  };

  const describe = async (): Promise<Shape> => {
    kept = toShape(await propertiesOf('contacts'), stampProperty);
    return kept;
  };
  const describeMeetings = async (): Promise<MeetingShape> => {
    keptMeetings = toMeetingShape(await propertiesOf('meetings'), { stampProperty, allDayProperty });
    return keptMeetings;
  };

  return {
    client,
    stampProperty,
    allDayProperty,
    owners: createOwners(client, context.clock),
    meetingShape: (fresh = false) =>
      keptMeetings && !fresh
        ? Promise.resolve(keptMeetings)
        : meetingFlights.run('properties', describeMeetings),
    shape: (fresh = false) => (kept && !fresh ? Promise.resolve(kept) : flights.run('properties', describe)),
    outdate() {
      kept = null;
      keptMeetings = null;
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

interface NewProperty {
  readonly objects: ObjectKind['type'];
  readonly groupName: string;
  readonly property: MeetingProperty;
}

/** Makes a property of ours. One that is there already is fine; whether it will do is seen afterwards. */
async function createProperty({ client }: Connection, of: NewProperty, call?: CallOptions): Promise<void> {
  const { objects, groupName, property } = of;
  try {
    await client.request({
      operation: 'properties.create',
      method: 'POST',
      path: `/properties/${objects}`,
      body: {
        name: property.name,
        label: property.label,
        description: 'Keeps what is synchronised in step. Written by Tidelock.',
        groupName,
        type: 'string',
        fieldType: 'text',
        hasUniqueValue: property.unique,
        formField: false,
      },
      signal: call?.signal,
    });
  } catch (error) {
    if (!isAdapterError(error) || error.kind !== 'conflict') throw error;
  }
}

/** What contacts need, and meetings where they take part. */
async function stepsOf(connection: Connection, call: SetupOptions = {}): Promise<readonly SetupStep[]> {
  const contacts = toSetupSteps(await connection.shape(true), connection.stampProperty);
  if (call.kinds?.includes('event') !== true) return contacts;
  return [...contacts, ...toEventSteps(await connection.meetingShape(true), connection)];
}

async function provision(
  connection: Connection,
  codes: readonly string[],
  call?: SetupOptions,
): Promise<readonly SetupStep[]> {
  const steps = await stepsOf(connection, call);
  const stamp = { name: connection.stampProperty, label: 'Tidelock key', unique: true };
  const ofMeetings = meetingProperties(connection);
  for (const { code, done, automatic } of steps) {
    if (automatic !== true || done || !codes.includes(code)) continue;
    const property = ofMeetings[code];
    if (property !== undefined)
      await createProperty(connection, { objects: 'meetings', groupName: 'engagement', property }, call);
    else if (code === STAMP_STEP)
      await createProperty(
        connection,
        { objects: 'contacts', groupName: 'contactinformation', property: stamp },
        call,
      );
  }
  return stepsOf(connection, call);
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
      return stepsOf(connection, call);
    },
    async provision(codes, call) {
      requireRunning(call?.signal, 'provision');
      return provision(connection, codes, call);
    },
    verifyPush: (request) => verifyPush(request, { secret: options.webhookSecret, now: context.clock.now() }),
    async users(emails, call) {
      if (emails.length === 0) return [];
      requireRunning(call?.signal, 'owners.list');
      return findUsers(client, emails, call);
    },
    open(scope) {
      return scope.kind === 'event' ? createEventStore(connection, scope) : createStore(connection, scope);
    },
    async close() {},
  };
}
