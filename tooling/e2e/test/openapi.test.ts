import { createManualClock, createMicrosoft365, type Exchange } from '@tidelock/emulators';
import { createExchangeCheck, hasSlice } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../src/world.ts';

const path = '/v1.0/users/u1/contacts';
const exchange = (changes: Partial<Exchange>): Exchange => ({
  seq: 1,
  at: 0,
  method: 'POST',
  url: `https://localhost${changes.path ?? path}`,
  path,
  requestHeaders: {},
  requestBody: { givenName: 'A', emailAddresses: [{ address: 'a@example.com' }] },
  status: 201,
  responseHeaders: {},
  responseBody: { '@odata.etag': 'W/"1"', id: '1', givenName: 'A', birthday: '1980-02-29T11:59:00Z' },
  ...changes,
});

describe.skipIf(!hasSlice)('the OpenAPI check [skipped: ../shared is absent]', () => {
  const check = hasSlice ? createExchangeCheck() : () => [];

  it('passes a good exchange', () => {
    expect(check(exchange({}))).toEqual([]);
  });

  it.each([
    [
      'a wrong type in a request',
      { requestBody: { givenName: 7 } },
      'POST /users/u1/contacts: request: /givenName must be string',
    ],
    [
      'an unknown property in a request',
      { requestBody: { shoeSize: '7' } },
      'POST /users/u1/contacts: request: /shoeSize is not in the schema',
    ],
    [
      'an unknown property deep in a request',
      { requestBody: { emailAddresses: [{ address: 'a@example.com', kind: 'work' }] } },
      'POST /users/u1/contacts: request: /emailAddresses/0/kind is not in the schema',
    ],
    [
      'a wrong type in an answer',
      { responseBody: { id: '1', homePhones: 'one' } },
      'POST /users/u1/contacts: answer 201: /homePhones must be array',
    ],
    [
      'a date where an instant is due',
      { responseBody: { id: '1', birthday: '1980-02-29' } },
      'POST /users/u1/contacts: answer 201: /birthday must match format "date-time"',
    ],
    [
      'an unknown property in an answer',
      { responseBody: { id: '1', twin: true } },
      'POST /users/u1/contacts: answer 201: /twin is not in the schema',
    ],
    [
      'an error without its envelope',
      { status: 400, responseBody: { message: 'no' } },
      "POST /users/u1/contacts: answer 400: / must have required property 'error'",
    ],
    [
      'a path that does not exist',
      { path: '/v1.0/users/u1/people' },
      'POST /users/u1/people: request: there is no such operation',
    ],
    [
      'a method that does not exist there',
      { method: 'PUT' },
      'PUT /users/u1/contacts: request: there is no such operation',
    ],
    [
      'a query option that is not declared',
      {
        method: 'GET',
        requestBody: undefined,
        url: `https://localhost${path}?$folder=x`,
        responseBody: { value: [] },
      },
      'GET /users/u1/contacts: request: query option $folder is not declared',
    ],
    [
      'a body that is missing',
      { requestBody: undefined },
      'POST /users/u1/contacts: request: the body is missing',
    ],
  ] satisfies [string, Partial<Exchange>, string][])('catches %s', (_name, changes, message) => {
    expect(check(exchange(changes))).toContain(message);
  });

  it('catches a tampered inner request of a batch that really happened', async () => {
    const emulator = createMicrosoft365({ clock: createManualClock(0) });
    const seen: Exchange[] = [];
    emulator.log.on((one) => seen.push(one));
    const requests = [{ id: '1', method: 'GET', url: '/users/u1/contacts/x' }];
    await emulator.fetch('https://localhost/v1.0/$batch', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ requests }),
    });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.flatMap(check)).toEqual([]);
    const outer = seen.find((one) => one.path === '/v1.0/$batch');
    expect(check({ ...exchange({}), ...outer, requestBody: { requests: [{ id: 1 }] } })).toContain(
      'POST /$batch: request: /requests/0/id must be string',
    );
  });

  it('is attached to every world: one in which something broke the description cannot be closed in peace', async () => {
    const world = await createWorld();
    await world.sync();
    expect(world.stage.checked()).toBeGreaterThan(2);
    await world.graph.fetch('https://localhost/v1.0/users/u1/contacts', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ shoeSize: '7' }),
    });
    await expect(world[Symbol.asyncDispose]()).rejects.toThrow(
      'POST /users/u1/contacts: request: /shoeSize is not in the schema',
    );
  });
});
