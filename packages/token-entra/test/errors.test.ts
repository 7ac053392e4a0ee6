import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { redact } from '../src/client-log.ts';
import { adapter, EntraOptionsSchema, explainEntraError, parseClaimsChallenge } from '../src/index.ts';
import { answer, createTestWorld, failureOf } from './world.ts';

const sheet = new URL('../../../../shared/reference/data/aadsts-errors.json', import.meta.url);

interface Row {
  readonly code: number;
  readonly http_status: number | null;
  readonly error: string;
  readonly action: string;
}

const PARTIES: Record<string, string> = {
  retry: 'service',
  broken: 'tenant',
  platform: 'operator',
  bug: 'operator',
  consent: 'consent',
};

describe('AADSTS codes', () => {
  it.skipIf(!existsSync(sheet))(
    'all of the reference sheet, by who must act [skipped: ../shared is absent]',
    () => {
      const rows: Row[] = JSON.parse(readFileSync(sheet, 'utf8'));
      expect(rows.length).toBeGreaterThan(80);
      for (const { code, action } of rows) {
        const advice = explainEntraError(`AADSTS${code}`);
        expect([code, advice?.party]).toEqual([code, PARTIES[action.split(':')[0] ?? '']]);
        expect(advice?.remedy).toMatch(/\.$/);
      }
    },
  );

  it.skipIf(!existsSync(sheet))(
    'each answer of the token endpoint becomes one of three kinds, with code and remedy [skipped: ../shared is absent]',
    async () => {
      const rows: Row[] = JSON.parse(readFileSync(sheet, 'utf8'));
      const { get, control, clock } = createTestWorld();
      for (const { code, http_status, error } of rows) {
        if (http_status === null) continue;
        const body = { error, error_codes: [code], error_description: `AADSTS${code}: jane@example.com` };
        control.intercept = answer(http_status, body);
        const failure = await failureOf(get());
        expect(failure).toMatchObject({
          code: `AADSTS${code}`,
          status: http_status,
          operation: 'token.acquire',
        });
        const kind = http_status === 429 ? 'rate_limited' : http_status >= 500 ? 'unavailable' : 'auth';
        expect([code, failure.kind]).toEqual([code, kind]);
        expect(`${failure.message} ${failure.remedy} ${JSON.stringify(failure)}`).not.toContain('jane');
        await clock.advance(3_600_000);
      }
    },
  );

  const unknown: [number, string, string][] = [
    [401, 'invalid_client', 'auth'],
    [400, 'unauthorized_client', 'auth'],
    [400, 'something_new', 'unavailable'],
    [400, 'temporarily_unavailable', 'unavailable'],
    [503, 'invalid_client', 'unavailable'],
    [429, 'invalid_client', 'rate_limited'],
  ];
  it.each(unknown)('an unknown number with %i %s is %s', async (status, error, kind) => {
    const { get, control } = createTestWorld();
    control.intercept = answer(status, { error, error_codes: [99999999] });
    expect(await failureOf(get())).toMatchObject({ kind, code: 'AADSTS99999999' });
  });

  it('throttling without Retry-After waits a minute, a request loop five', async () => {
    for (const [code, wait] of [
      [90055, 60_000],
      [50196, 300_000],
    ] as const) {
      const { get, control } = createTestWorld();
      control.intercept = answer(429, { error: 'invalid_request', error_codes: [code] });
      expect(await failureOf(get())).toMatchObject({ kind: 'rate_limited', retryAfterMs: wait });
    }
  });

  it('an error in an answer of status 200 is still an error', async () => {
    const { get, control } = createTestWorld();
    const body = { error: 'invalid_grant', error_codes: [65001], access_token: 'x', expires_in: 3599 };
    control.intercept = answer(200, body);
    expect(await failureOf(get())).toMatchObject({ kind: 'auth', code: 'AADSTS65001', status: 200 });
  });

  it('carries the correlation id and nothing that only looks like one', async () => {
    const id = '12345678-1234-4123-8123-123456789012';
    for (const [sent, kept] of [
      [id, id],
      ['<script>', undefined],
    ]) {
      const { get, control } = createTestWorld();
      control.intercept = answer(400, { error: 'invalid_grant', error_codes: [65001], correlation_id: sent });
      expect((await failureOf(get())).requestId).toBe(kept);
    }
  });

  it('explains only what it knows', () => {
    expect(explainEntraError('700027')).toMatchObject({ code: 'AADSTS700027', party: 'operator' });
    expect(explainEntraError('AADSTS1')).toBeNull();
    expect(explainEntraError('AADSTS4444444')).toBeNull();
  });
});

describe('parseClaimsChallenge', () => {
  const claims = '{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}';
  const encoded = Buffer.from(claims).toString('base64');

  it('decodes the challenge of a 401', () => {
    const header =
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", ' +
      `client_id="00000003-0000-0000-c000-000000000000", error="insufficient_claims", claims="${encoded}"`;
    expect(parseClaimsChallenge(header)).toBe(claims);
    expect(parseClaimsChallenge(`bearer error=insufficient_claims, claims="${encoded}"`)).toBe(claims);
  });

  it('keeps base64 padding', () => {
    for (const text of ['{"a":1}', '{"a":12}', '{"a":123}']) {
      const header = `Bearer error="insufficient_claims", claims="${Buffer.from(text).toString('base64')}"`;
      expect(parseClaimsChallenge(header)).toBe(text);
    }
  });

  it.each([
    null,
    '',
    'Basic realm="x"',
    `Bearer error="invalid_token", claims="${encoded}"`,
    'Bearer error="insufficient_claims"',
    'Bearer error="insufficient_claims", claims="%%%"',
    `Bearer error="insufficient_claims", claims="${Buffer.from('[1]').toString('base64')}"`,
  ])('answers null for %j', (header) => {
    expect(parseClaimsChallenge(header)).toBeNull();
  });
});

describe('options', () => {
  const good = { clientId: 'AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE', keys: ['entra/2026-b', 'entra/2026-a'] };

  it('default to the global cloud and take the client id in lower case', () => {
    expect(EntraOptionsSchema.parse(good)).toEqual({
      ...good,
      clientId: good.clientId.toLowerCase(),
      cloud: 'global',
    });
  });

  it.each([
    ['a client secret', { clientSecret: 'x' }],
    ['no key', { keys: [] }],
    ['a key twice', { keys: ['a', 'a'] }],
    ['a path as key', { keys: ['../a'] }],
    ['another cloud', { cloud: 'germany' }],
    ['a client id that is none', { clientId: 'tidelock' }],
  ])('refuse %s', async (_, wrong) => {
    const result = await adapter.options['~standard'].validate({ ...good, ...wrong });
    expect(result.issues).toHaveLength(1);
  });

  it('name every problem at once', async () => {
    const result = await adapter.options['~standard'].validate({ clientId: 7, keys: [], cloud: 'x' });
    expect(result.issues?.map((issue) => String(issue.path?.[0])).sort()).toEqual([
      'clientId',
      'cloud',
      'keys',
    ]);
  });

  it('belong to an adapter of the token contract that makes no request when it is created', () => {
    const { context, seen } = createTestWorld();
    expect([adapter.contract, adapter.name]).toEqual(['token@1', '@tidelock/token-entra']);
    adapter.create({ clientId: good.clientId, keys: good.keys, cloud: 'global' }, context);
    expect(seen).toEqual([]);
  });
});

describe('redact', () => {
  it('leaves the words and takes what could be a secret or name somebody', () => {
    const text = redact(
      `call to https://login.microsoftonline.com/contoso.example/oauth2 for 12345678-1234-4123-8123-123456789012 at contoso.example with ${'eyJhbGciOiJQUzI1NiJ9'.repeat(3)}`,
    );
    expect(text).toBe('call to [url] for [id] at [name] with [redacted]');
  });
});
