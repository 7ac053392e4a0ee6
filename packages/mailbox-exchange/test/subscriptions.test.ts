import { createHash } from 'node:crypto';
import type { KnownSubscription, PushRequest } from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signIn } from '../src/conformance/sign-in.ts';
import { createWorld, failure, START } from '../src/conformance/world.ts';
import { createJudge } from '../src/subscriptions-judge.ts';

const TENANT = '84bd8158-6d4d-4958-8b9f-9d6445542f95';
const OTHER = '11111111-2222-4333-8444-555555555555';
const ANN = '622eaaff-0683-4862-9de4-f2ec83c2bd98';
const SECRET = 's'.repeat(43);
const known: KnownSubscription = {
  ...{ mailbox: ANN, kind: 'event' },
  secretHash: createHash('sha256').update(SECRET).digest('hex'),
};

const request = (items: readonly object[], url = 'https://app.example/hooks/mailbox/p'): PushRequest => ({
  ...{ method: 'POST', url, headers: {} },
  body: new TextEncoder().encode(JSON.stringify({ value: items })),
});

const item = (more: object = {}) => ({
  ...{ subscriptionId: 's1', clientState: SECRET, tenantId: TENANT, changeType: 'updated' },
  resource: `Users/${ANN}/Events/AAMkAG=`,
  ...more,
});

const reasons = (tenant: string, items: readonly object[], about: KnownSubscription = known) => {
  const judge = createJudge(tenant);
  return items.map((one) => {
    const answer = judge(request([one]), (id) => (id === 's1' ? about : null));
    const [first] = answer.kind === 'items' ? answer.items : [];
    return first?.accepted === true ? first.event : first?.reason;
  });
};

describe('notifications', () => {
  it('are about the mailbox and kind of their subscription, however the service spells that', () => {
    const resources = [
      `users/${ANN.toUpperCase()}/events/x`,
      `Users/${ANN}@${TENANT}/Events/x`,
      `/users/${ANN}/events/x`,
      `Users/${ANN}/Contacts/x`,
      `Users/${OTHER}/Events/x`,
      `Groups/${ANN}/Events/x`,
    ];
    expect(
      reasons(
        TENANT,
        resources.map((resource) => item({ resource })),
      ),
    ).toEqual([...['changed', 'changed', 'changed', 'foreign', 'foreign', 'foreign']]);
    const byAddress = { ...known, mailbox: 'ann@contoso.example' };
    expect(reasons(TENANT, [item(), item({ resource: `Users/${ANN}/Contacts/x` })], byAddress)).toEqual([
      ...['changed', 'foreign'],
    ]);
  });

  it('of another tenant are foreign though they know the secret, and so are those that name none', () => {
    const tenants = [TENANT.toUpperCase(), OTHER, undefined, 7, 'contoso.example'];
    expect(
      reasons(
        TENANT,
        tenants.map((tenantId) => item({ tenantId })),
      ),
    ).toEqual([...['changed', 'foreign', 'foreign', 'foreign', 'foreign']]);
  });

  it('of a tenant that is configured by its domain are bound to the first one that proves itself', () => {
    const seen = [item({ tenantId: OTHER, clientState: 'wrong' }), item(), item({ tenantId: OTHER }), item()];
    expect(reasons('contoso.example', seen)).toEqual(['forged', 'changed', 'foreign', 'changed']);
  });

  it('with a secret that only begins like ours, or of another kind than text, are forged', () => {
    const states = [SECRET.slice(1), `${SECRET}x`, '', null, 7, [SECRET], undefined];
    expect(
      new Set(
        reasons(
          TENANT,
          states.map((clientState) => item({ clientState })),
        ),
      ),
    ).toEqual(new Set(['forged']));
  });

  it('that say something new about a subscription are malformed, and so are changes of nothing', () => {
    const odd = [item({ lifecycleEvent: 'somethingNew' }), item({ resource: undefined })];
    expect(reasons(TENANT, odd)).toEqual(['malformed', 'malformed']);
  });

  it('ask for a handshake with whatever text, decoded once', () => {
    const url = `https://app.example/hooks/mailbox/p?validationToken=${encodeURIComponent('<b>%41 + ü</b>')}`;
    expect(createJudge(TENANT)(request([], url), () => null)).toEqual({
      ...{ kind: 'handshake', answer: '<b>%41 + ü</b>' },
    });
  });
});

it('whatever is sent, judging answers: malformed, or one verdict for each notification', () => {
  const judge = createJudge(TENANT);
  const field = fc.oneof(
    fc.string(),
    fc.constantFrom('s1', SECRET, TENANT, OTHER, `Users/${ANN}/Events/x`),
    fc.jsonValue(),
  );
  const notification = fc.record(
    { subscriptionId: field, clientState: field, tenantId: field, resource: field, lifecycleEvent: field },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    fc.array(fc.oneof(notification, fc.jsonValue())).map((value) => JSON.stringify({ value })),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string(),
  );
  fc.assert(
    fc.property(body, fc.constantFrom('POST', 'GET'), (text, method) => {
      const answer = judge({ ...request([]), method, body: new TextEncoder().encode(text) }, (id) =>
        id === 's1' ? known : null,
      );
      if (answer.kind !== 'items') return answer.kind === 'malformed';
      const { value } = JSON.parse(text) as { value: Record<string, unknown>[] };
      return answer.items.every(
        (one, index) =>
          !one.accepted ||
          (value[index]?.clientState === SECRET && String(value[index]?.tenantId).toLowerCase() === TENANT),
      );
    }),
    { numRuns: 2_000 },
  );
});

const ASKED = {
  ...{ kind: 'contact' as const, secret: SECRET, expiresAt: START + 3_600_000 },
  ...{ url: 'https://app.example/a', lifecycleUrl: 'https://app.example/a/lifecycle' },
};

describe('subscriptions', () => {
  it('are asked for with ids that survive moves, for every kind of change', async () => {
    const world = await createWorld({
      signIn,
      emulator: {
        send: async (sent) =>
          new Response(new URL(sent.url).searchParams.get('validationToken'), {
            headers: { 'content-type': 'text/plain' },
          }),
      },
    });
    await world.port.push?.subscribe({ ...ASKED, mailbox: world.ann });
    const sent = world.seen.find(({ url }) => url.pathname.endsWith('/subscriptions'));
    expect(sent?.headers.get('prefer')).toContain('IdType="ImmutableId"');
    expect(sent?.body).toMatchObject({
      changeType: 'created,updated,deleted',
      resource: `/users/${world.ann}/contacts`,
      clientState: SECRET,
    });
    expect(world.lines.join('\n')).not.toContain(SECRET);
  });

  it('that Exchange cannot take at the moment are tried again later, though the status says forbidden', async () => {
    const world = await createWorld({ signIn });
    world.emulator.faults.inject({ fault: { kind: 'named', name: 'subscription-unavailable' } });
    const error = await failure(
      world.port.push?.subscribe({ ...ASKED, mailbox: world.ann }) ?? Promise.resolve(),
    );
    expect([error.kind, error.status, error.code]).toEqual(['unavailable', 403, 'ExtensionError']);
  });

  it('that cannot be reached say what to look at', async () => {
    const world = await createWorld({
      signIn,
      emulator: { send: () => Promise.reject(new TypeError('fetch failed')) },
    });
    const error = await failure(
      world.port.push?.subscribe({ ...ASKED, mailbox: world.ann }) ?? Promise.resolve(),
    );
    expect([error.kind, error.remedy]).toEqual([
      'invalid',
      expect.stringContaining('has to reach https://app.example over https'),
    ]);
  });
});
