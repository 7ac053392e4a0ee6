import { createHmac } from 'node:crypto';
import type { PushRequest, PushVerdict } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createTestAccount, START } from '../src/conformance/account.ts';

const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
const URL = 'https://sync.example.com/hooks/crm?tenant=a';
const EVENTS = JSON.stringify([
  { eventId: 1, subscriptionId: 12345, subscriptionType: 'contact.creation', objectId: 123 },
  { eventId: 2, subscriptionId: 12346, eventType: 'contact.propertyChange', objectId: 124 },
]);

function signed(of: { secret?: string; url?: string; body?: string; at?: number; signedUrl?: string } = {}) {
  const { secret = SECRET, url = URL, body = EVENTS, at = START } = of;
  const source = `POST${of.signedUrl ?? url}${body}${at}`;
  return {
    method: 'POST',
    url,
    headers: {
      'x-hubspot-request-timestamp': String(at),
      'x-hubspot-signature-v3': createHmac('sha256', secret).update(source).digest('base64'),
    },
    body: new TextEncoder().encode(body),
  } satisfies PushRequest;
}

function judge(request: PushRequest, webhookSecret: string | undefined = SECRET): PushVerdict | undefined {
  const { port } = createTestAccount({ adapter: webhookSecret === '' ? {} : { webhookSecret } });
  return port.verifyPush?.(request);
}

const no = (reason: string) => ({ accepted: false, reason });

describe('pushed requests', () => {
  it('say which records to look at, where each of their events tells', () => {
    const of = (...events: object[]) => {
      const body = JSON.stringify(events.map((event) => ({ subscriptionId: 1, ...event })));
      const verdict = judge(signed({ body }));
      return verdict?.accepted === true ? verdict.kinds : verdict;
    };
    const contact = { subscriptionType: 'contact.propertyChange' };
    const meeting = { subscriptionType: 'object.deletion', objectTypeId: '0-47' };
    expect(of(contact, contact)).toEqual(['contact']);
    expect(of({ eventType: 'contact.merge' }, meeting)).toEqual(['contact', 'event']);
    expect(of({ subscriptionType: 'object.creation', objectTypeId: '0-1' })).toEqual(['contact']);
    expect(of(contact, { subscriptionType: 'company.creation' })).toBe(undefined);
    expect(of(contact, { subscriptionType: 7 })).toBe(undefined);
  });

  it('name the records that were changed, once each, and none whose kind or id they do not tell', () => {
    const of = (...events: object[]) => {
      const verdict = judge(
        signed({ body: JSON.stringify(events.map((event) => ({ subscriptionId: 1, ...event }))) }),
      );
      return verdict?.accepted === true ? verdict.records : verdict;
    };
    const contact = { subscriptionType: 'contact.propertyChange' };
    expect(of({ ...contact, objectId: 7 }, { ...contact, objectId: 7 })).toEqual([
      { kind: 'contact', id: '7' },
    ]);
    expect(of({ objectTypeId: '0-47', objectId: 88 })).toEqual([{ kind: 'event', id: '88' }]);
    expect(of({ ...contact, objectId: '90071992547409931' })).toEqual([
      { kind: 'contact', id: '90071992547409931' },
    ]);
    // Beyond 2^53 a number is not the one that was sent.
    for (const objectId of [2 ** 60, -1, 1.5, 'x', '7/../8', null, undefined])
      expect(of({ ...contact, objectId })).toEqual([]);
    expect(of({ subscriptionType: 'company.creation', objectId: 7 })).toEqual([]);
  });

  it('are accepted with a signature over exactly what arrived', () => {
    expect(judge(signed())).toEqual({
      ...{ accepted: true, hints: 2, kinds: ['contact'], settlesMs: 10_000 },
      records: [
        { kind: 'contact', id: '123' },
        { kind: 'contact', id: '124' },
      ],
    });
    // Upper and lower case of what encodes, and a body that is not ASCII.
    const body = JSON.stringify([{ subscriptionId: 1, propertyValue: 'Ōsaka – 🌊' }]);
    expect(judge(signed({ body }))).toMatchObject({ accepted: true, hints: 1 });
  });

  it('are signed over an address with some characters decoded, and the others as they are', () => {
    const url = 'https://sync.example.com/h%2Fooks?q=a%20b%2c%40%C3%A9';
    const signedUrl = 'https://sync.example.com/h/ooks?q=a%20b,@%C3%A9';
    expect(judge(signed({ url, signedUrl }))).toMatchObject({ accepted: true, hints: 1 + 1 });
    expect(judge(signed({ url }))).toEqual(no('forged'));
  });

  it('are refused outside the window of five minutes, either way', () => {
    expect(judge(signed({ at: START - 300_000 }))).toMatchObject({ accepted: true });
    expect(judge(signed({ at: START - 300_001 }))).toEqual(no('stale'));
    expect(judge(signed({ at: START + 300_001 }))).toEqual(no('stale'));
  });

  it('are refused after any change: secret, method, address, body, time, signature', () => {
    const good = signed();
    const { headers } = good;
    expect(judge(signed({ secret: 'another' }))).toEqual(no('forged'));
    expect(judge({ ...good, method: 'PUT' })).toEqual(no('forged'));
    expect(judge({ ...good, url: `${URL}&x=1` })).toEqual(no('forged'));
    expect(judge({ ...good, body: new TextEncoder().encode(`${EVENTS} `) })).toEqual(no('forged'));
    expect(
      judge({ ...good, headers: { ...headers, 'x-hubspot-request-timestamp': String(START + 1) } }),
    ).toEqual(no('forged'));
    for (const signature of ['', 'AAAA', `${headers['x-hubspot-signature-v3']}AAAA`])
      expect(judge({ ...good, headers: { ...headers, 'x-hubspot-signature-v3': signature } })).toEqual(
        no('forged'),
      );
  });

  it('are refused without a signature of version 3, without a secret, and when nobody can read them', () => {
    const { headers: _, ...bare } = signed();
    const older = { 'x-hubspot-signature': 'ab', 'x-hubspot-signature-version': 'v2' };
    expect(judge({ ...bare, headers: older })).toEqual(no('unsigned'));
    expect(judge(signed(), '')).toEqual(no('unconfigured'));
    expect(judge(signed({ body: '{"subscriptionId":1}' }))).toEqual(no('malformed'));
    expect(judge(signed({ body: 'nothing' }))).toEqual(no('malformed'));
  });

  it('of the emulator are accepted, and nobody else can repeat them later', async () => {
    const taken: PushRequest[] = [];
    const account = createTestAccount({
      adapter: {},
      send: async (request) => {
        taken.push({
          method: request.method,
          url: request.url,
          headers: Object.fromEntries(request.headers),
          body: new Uint8Array(await request.arrayBuffer()),
        });
        return new Response(null, { status: 204 });
      },
    });
    const { hubspot, clock, app } = account;
    hubspot.admin.subscribe({ appId: app.appId, targetUrl: URL, eventType: 'contact.creation' });
    hubspot.admin.createContact({ firstname: 'Ann' });
    await hubspot.webhooks.deliver();
    const [request] = taken;
    if (request === undefined) throw new Error('nothing was sent');
    const port = account.portWith({ webhookSecret: app.clientSecret });
    expect(port.verifyPush?.(request)).toMatchObject({ accepted: true });
    clock.advance(300_001);
    expect(port.verifyPush?.(request)).toEqual(no('stale'));
  });
});
