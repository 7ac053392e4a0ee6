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

/** What the screen says, by the one step that has to stand in it. Written from the sheet, not from the source. */
const SENTENCES: readonly (readonly [state: string, step: RegExp, codes: readonly number[]])[] = [
  [
    'broken',
    /Run Connect again as Privileged Role Administrator or Global Administrator/i,
    [700016, 700011, 7000229, 650054, 650056, 65001],
  ],
  ['broken', /Enable the enterprise application/, [7000112, 70001]],
  ['broken', /look at the enterprise application/, [1000031]],
  ['broken', /cloud setting fits the tenant/, [500011, 50001]],
  ['broken', /Exchange Online subscription/, [650052]],
  ['broken', /check tenant and cloud setting, then connect again/, [90002]],
  ['broken', /choose that cloud in the settings and connect again/, [90038, 900382, 900432]],
  ['broken', /sign-in logs \(service principal sign-ins\).*address this server calls from/, [53003, 530032]],
  ['broken', /administrator must reactivate/, [5000225]],
  ['broken', /grant the application permissions again/, [501051]],
  ['platform', /allow the tenant in the outbound proxy/, [500021, 500022]],
  ['platform', /Upload the certificate/, [700027]],
  ['platform', /create a new key, upload its certificate/, [7000214, 7000274, 7000277, 1000502]],
  ['platform', /upload the certificate of the key that is in use/, [700030, 50012]],
  ['platform', /clock/, [700024]],
  ['platform', /client secret is in play: remove it/, [7000215, 7000222]],
  ['platform', /confidential web application/, [700025]],
  ['platform', /issuer, subject and audience/, [70021, 700211, 700212, 700213, 7002131]],
  ['bug', /lacks the permission/, [650057, 65005]],
  ['bug', /stored tenant id is damaged/, [900021, 900023, 9001023, 50059, 90019, 50194]],
  ['bug', /end in "\/.default"/, [1002012, 70011, 28002, 700022, 700023]],
  [
    'bug',
    /report the code and the request id/,
    [700021, 5002723, 5002738, 50027, 90014, 50048, 7000218, 700229, 900144, 9002313, 70003, 901002, 100007],
  ],
  ['retry', /tried again by itself/, [90033, 90006, 90012, 90024, 90090, 90091, 50033]],
  ['retry', /Microsoft support with the request id/, [50000, 90036]],
  ['retry', /after the time the service asked for/, [90055]],
  ['retry', /a cache is not working/, [50196]],
  ['consent', /Nothing was changed/, [65004]],
  ['consent', /Privileged Role Administrator or Global Administrator must approve/, [90094]],
  ['consent', /run Connect again once it is approved/, [90095]],
  ['consent', /an account of the tenant that is to be connected/, [50020, 50034, 50105, 500212, 500213]],
  ['consent', /Start the sign-in again/, [54005, 70008, 501481, 700005]],
  ['bug', /exact redirect URI of this installation/, [50011, 900971]],
];

const WAITS: Readonly<Record<number, number>> = {
  ...{ 90055: 60_000, 50196: 300_000, 53003: 900_000, 530032: 900_000, 90036: 3_600_000 },
  ...{ 90002: 86_400_000, 5000225: 86_400_000 },
};

const wordOf = ({ action }: Row): string => action.split(':')[0] ?? '';

describe('AADSTS codes', () => {
  it.skipIf(!existsSync(sheet))(
    'all of the reference sheet have the state that it names, and a sentence with its step [skipped: ../shared is absent]',
    () => {
      const rows: Row[] = JSON.parse(readFileSync(sheet, 'utf8'));
      const expected = SENTENCES.flatMap(([state, step, codes]) =>
        codes.map((code) => ({ state, step, code })),
      );
      expect(expected.map(({ code }) => code).sort()).toEqual(rows.map(({ code }) => code).sort());
      for (const { code, state, step } of expected) {
        const row = rows.find((one) => one.code === code);
        const advice = explainEntraError(`AADSTS${code}`);
        expect([code, advice?.state, row && wordOf(row)]).toEqual([code, state, state]);
        expect(advice?.remedy).toMatch(step);
      }
    },
  );

  it.skipIf(!existsSync(sheet))(
    'of the token endpoint, each through the emulator and MSAL, ends in the state and the sentence of the table [skipped: ../shared is absent]',
    async () => {
      const rows: Row[] = JSON.parse(readFileSync(sheet, 'utf8'));
      const { get, emulator, tenants, clock } = createTestWorld();
      let played = 0;
      for (const row of rows.filter(({ http_status: status }) => status !== null)) {
        const { code, http_status } = row;
        emulator.admin.entra.fail(tenants[0], code, { times: 2 });
        const failure = await failureOf(get());
        const advice = explainEntraError(`AADSTS${code}`);
        const party = { retry: 'service', broken: 'tenant', consent: 'consent' }[wordOf(row)] ?? 'operator';
        expect(failure).toMatchObject({
          ...{ code: `AADSTS${code}`, status: http_status, operation: 'token.acquire', party },
        });
        expect([code, failure.remedy]).toEqual([code, advice?.remedy]);
        const kind =
          http_status === 429 ? 'rate_limited' : (http_status ?? 0) >= 500 ? 'unavailable' : 'auth';
        expect([code, failure.kind, failure.retryAfterMs]).toEqual([code, kind, WAITS[code]]);
        emulator.admin.entra.clearFailures(tenants[0]);
        await clock.advance(25 * 3_600_000);
        played += 1;
      }
      expect(played).toBe(79);
      await get();
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
