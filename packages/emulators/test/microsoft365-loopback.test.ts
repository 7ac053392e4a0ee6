import { request } from 'node:https';
import { describe, expect, it } from 'vitest';
import { createTestWorld, origin, readAnswer, signAssertion, testKey } from './microsoft365-fixture.ts';

const overTls = (options: {
  url: string;
  ca: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(
      options.url,
      { ca: options.ca, method: options.method ?? 'GET', headers: options.headers ?? {} },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.end(options.body);
  });

describe('over loopback TLS', () => {
  it('signs in, writes and lists; next links stay on the origin; lost answers drop the connection', async () => {
    const world = await createTestWorld();
    const { emulator, clientId, tenantId, ann, clock } = world;
    const served = await emulator.listen();
    const ca = served.caPem ?? '';
    try {
      const audience = `${served.origin}/${tenantId}/oauth2/v2.0/token`;
      const form = new URLSearchParams({
        client_id: clientId,
        scope: `${served.origin}/.default`,
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await signAssertion(await testKey(), { clientId, audience, now: clock.now() }),
      });
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const granted = await overTls({
        url: audience,
        ca,
        method: 'POST',
        headers: type,
        body: form.toString(),
      });
      expect(granted.status).toBe(200);
      const headers = {
        authorization: `Bearer ${JSON.parse(granted.text).access_token}`,
        'content-type': 'application/json',
      };
      const url = `${served.origin}/v1.0/users/${ann}/contacts`;
      for (const givenName of ['A', 'B']) {
        expect(
          (await overTls({ url, ca, method: 'POST', headers, body: JSON.stringify({ givenName }) })).status,
        ).toBe(201);
      }
      const first = JSON.parse((await overTls({ url: `${url}?$top=1`, ca, headers })).text);
      expect(first['@odata.nextLink']).toBe(`${url}?$top=1&$skip=1`);
      emulator.faults.inject({ fault: { kind: 'lost', applied: true } });
      await expect(overTls({ url, ca, method: 'POST', headers, body: '{}' })).rejects.toThrow();
      expect(emulator.oracle.counts(ann).contacts).toBe(3);
    } finally {
      await served.close();
    }
  });
});

describe('page', () => {
  it('is served, and edits as a person would', async () => {
    const { emulator, ann } = await createTestWorld();
    const html = await (await emulator.fetch(`${origin}/`)).text();
    expect(html).toContain('<h1>Microsoft 365</h1>');
    const edit = (method: string, body: unknown, type = 'application/json') =>
      emulator.fetch(`${origin}/_emulator/contacts`, {
        method,
        headers: { 'content-type': type },
        body: JSON.stringify(body),
      });
    expect((await edit('POST', { user: ann, contact: { givenName: 'Nils' } }, 'text/plain')).status).toBe(
      415,
    );
    const made = await readAnswer(
      await edit('POST', { user: ann, contact: { givenName: 'Nils', companyName: 'Acme' } }),
    );
    const list = async (query: string) =>
      (await readAnswer(await emulator.fetch(`${origin}/_emulator/contacts?user=${ann}&${query}`))).body;
    const { version, rows, total } = await list('search=acme');
    expect([total, rows[0].displayName]).toEqual([1, 'Nils']);
    expect((await list('search=nobody')).rows).toEqual([]);
    expect(await list(`since=${version}`)).toEqual({ version });
    await edit('PATCH', { user: ann, id: made.body.immutableId, contact: { givenName: 'Nina' } });
    expect((await list(`since=${version}`)).rows[0].displayName).toBe('Nina');
    expect(
      (await readAnswer(await edit('PATCH', { user: ann, id: made.body.id, contact: { shoe: 1 } }))).status,
    ).toBe(400);
    await edit('DELETE', { user: ann, id: made.body.id });
    expect(emulator.oracle.tombstones(ann)).toMatchObject([{ by: 'user' }]);
    expect(emulator.oracle.writes()).toEqual([]);
    const { body } = await readAnswer(await emulator.fetch(`${origin}/_emulator/mailboxes`));
    expect(body.mailboxes).toHaveLength(2);
    expect((await emulator.fetch(`${origin}/_emulator/other`)).status).toBe(404);
    expect(emulator.log.count({ path: /_emulator/ })).toBe(0);
  });
});
