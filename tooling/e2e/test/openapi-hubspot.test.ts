import type { Exchange } from '@tidelock/emulators';
import { createHubSpotCheck, hasHubSpotSlices } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import { range, toOutlook } from '../src/people.ts';
import { createWorld } from '../src/world.ts';

const path = '/crm/v3/objects/contacts/batch/create';
const at = '2026-08-01T06:00:00.250Z';
const envelope = { status: 'COMPLETE', results: [], startedAt: at, completedAt: at };

const exchange = (changes: Partial<Exchange>): Exchange => ({
  seq: 1,
  at: 0,
  method: 'POST',
  url: changes.path ?? path,
  path,
  requestHeaders: {},
  requestBody: { inputs: [{ properties: { firstname: 'A' }, associations: [], objectWriteTraceId: 'w0' }] },
  status: 201,
  responseHeaders: {},
  responseBody: envelope,
  ...changes,
});

const error = { status: 'error', message: 'no', correlationId: '00000000-0000-4000-8000-000000000001' };

describe.skipIf(!hasHubSpotSlices)('the OpenAPI check of HubSpot [skipped: ../shared is absent]', () => {
  const check = hasHubSpotSlices ? createHubSpotCheck() : () => [];

  it('passes good exchanges, blank values and refusals among them', () => {
    expect(check(exchange({}))).toEqual([]);
    const blank = { id: '1', archived: false, createdAt: at, updatedAt: at, properties: { phone: null } };
    expect(check(exchange({ responseBody: { ...envelope, results: [blank] } }))).toEqual([]);
    expect(check(exchange({ status: 409, responseBody: { ...error, category: 'CONFLICT' } }))).toEqual([]);
  });

  it.each([
    [
      'a number where a text is due',
      { requestBody: { inputs: [{ properties: { firstname: 7 }, associations: [] }] } },
      'request: /inputs/0/properties/firstname must be string',
    ],
    [
      'a member that there is not',
      { requestBody: { inputs: [{ properties: {}, associations: [], externalId: 'x' }] } },
      'request: /inputs/0/externalId is not in the schema',
    ],
    [
      'a member that is missing',
      { requestBody: { inputs: [{ properties: {} }] } },
      "request: /inputs/0 must have required property 'associations'",
    ],
    ['a body that is missing', { requestBody: undefined }, 'request: the body is missing'],
    [
      'an id that is a number',
      {
        responseBody: {
          ...envelope,
          results: [{ id: 1, archived: false, createdAt: at, updatedAt: at, properties: {} }],
        },
      },
      'answer 201: /results/0/id must be string',
    ],
    [
      'a state that there is not',
      { responseBody: { ...envelope, status: 'DONE' } },
      'answer 201: /status must be equal to one of the allowed values',
    ],
    [
      'an error without its category',
      { status: 400, responseBody: error },
      "answer 400: / must have required property 'category'",
    ],
  ] satisfies [string, Partial<Exchange>, string][])('catches %s', (_name, changes, message) => {
    expect(check(exchange(changes))).toContain(`POST ${path}: ${message}`);
  });

  it.each([
    ['an operation that there is not', { path: `${path}/all` }, 'request: there is no such operation'],
    [
      'a query option that is not declared',
      {
        method: 'GET',
        path: '/crm/v3/objects/contacts',
        url: '/crm/v3/objects/contacts?since=1',
        requestBody: undefined,
      },
      'request: query option since is not declared',
    ],
  ] satisfies [string, Partial<Exchange>, string][])('catches %s', (_name, changes, message) => {
    const texts = check(exchange(changes)).map((text) => text.slice(text.indexOf(': ') + 2));
    expect(texts).toContain(message);
  });

  it('is attached to every world: one in which something broke the description cannot be closed in peace', async () => {
    const world = await createWorld({ vendor: 'hubspot' });
    world.graph.admin.seedContacts(
      world.person().mailboxId,
      range(3).map((n) => toOutlook(n)),
    );
    await world.sync();
    expect(world.stage.violations).toEqual([]);
    const before = world.stage.checked();
    await world.crm.fetch(
      new Request(`https://localhost${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ shoeSize: 7 }),
      }),
    );
    expect(world.stage.checked()).toBe(before + 1);
    await expect(world[Symbol.asyncDispose]()).rejects.toThrow(/shoeSize is not in the schema/);
  });
});
