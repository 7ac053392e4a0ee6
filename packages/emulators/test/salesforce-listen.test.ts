import { request as httpsRequest } from 'node:https';
import { describe, expect, it } from 'vitest';
import type { ServedOverTls } from '../src/kit/index.ts';
import { CONSUMER_KEY, createTestOrg, DATA, ORIGIN, SECRET, toAnswer } from './salesforce-org.ts';

interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

function send(
  served: ServedOverTls,
  path: string,
  call: Call = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      method: call.method ?? 'GET',
      headers: call.headers ?? {},
      ca: served.caPem,
      agent: false as const,
    };
    const outgoing = httpsRequest(served.origin + path, options, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(call.body);
  });
}

describe('over loopback TLS', () => {
  it('signs in and answers as in process, with its own origin as instance', async () => {
    const org = await createTestOrg();
    const served = await org.sf.listen();
    try {
      expect(served.origin).toMatch(/^https:\/\/localhost:\d+$/);
      const form = { grant_type: 'client_credentials', client_id: CONSUMER_KEY, client_secret: SECRET };
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const token = await send(served, '/services/oauth2/token', {
        method: 'POST',
        headers,
        body: String(new URLSearchParams(form)),
      });
      const { access_token, instance_url, id } = JSON.parse(token.text);
      expect(instance_url).toBe(served.origin);
      expect(id).toContain(`${served.origin}/id/`);
      const authorization = `Bearer ${access_token}`;
      const limits = await send(served, `${DATA}/limits`, { headers: { authorization } });
      expect(limits.status).toBe(200);
      org.sf.faults.inject({ fault: { kind: 'lost', applied: true } });
      await expect(send(served, `${DATA}/limits`, { headers: { authorization } })).rejects.toThrow();
    } finally {
      await served.close();
    }
  });

  it('serves the page', async () => {
    const org = await createTestOrg();
    const served = await org.sf.listen({ tls: false });
    try {
      const page = await (await fetch(served.origin)).text();
      expect(page).toContain('<title>Salesforce</title>');
      expect(page).toContain('Emulated Org');
      expect(page).toContain('id="rows"');
      expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
    } finally {
      await served.close();
    }
  });
});

describe('the page', () => {
  it('lists, searches, adds, changes and deletes as a person', async () => {
    const org = await createTestOrg();
    const account = org.sf.admin.createAccount({ Name: 'Acme' });
    const id = org.sf.admin.createContact({ LastName: 'Smith', Email: 's@example.com', AccountId: account });
    org.sf.admin.createContact({ LastName: 'Jones' });
    const call = async (method: string, path: string, fields?: Record<string, unknown>) => {
      const headers = { 'content-type': fields?.asText === true ? 'text/plain' : 'application/json' };
      const body = fields === undefined ? {} : { body: JSON.stringify(fields) };
      return toAnswer(await org.sf.fetch(new Request(ORIGIN + path, { method, headers, ...body })));
    };
    const list = (await call('GET', '/_emulator/contacts?search=S@EX')).body;
    expect(list).toMatchObject({
      total: 2,
      found: 1,
      contacts: [{ Id: id, AccountName: 'Acme', ChangedBy: 'Rhea Person' }],
    });
    const since = `/_emulator/contacts?since=${list.version}`;
    expect((await call('GET', since)).body.unchanged).toBe(true);

    expect((await call('POST', '/_emulator/contacts', { LastName: 'New' })).status).toBe(201);
    expect((await call('GET', since)).body.contacts).toHaveLength(3);
    expect((await call('PATCH', `/_emulator/contacts/${id}`, { Title: 'CTO' })).status).toBe(200);
    expect(org.sf.oracle.contact(id)).toMatchObject({
      Title: 'CTO',
      LastModifiedById: org.sf.admin.defaultUserId,
    });
    const refused = await call('PATCH', `/_emulator/contacts/${id}`, { Email: 'nonsense' });
    expect(refused).toMatchObject({
      status: 400,
      body: { message: 'Email: invalid email address: nonsense' },
    });
    expect((await call('POST', '/_emulator/contacts', { asText: true })).status).toBe(415);
    expect((await call('DELETE', `/_emulator/contacts/${id}`)).status).toBe(200);
    expect((await call('GET', '/_emulator/contacts')).body.total).toBe(2);
    expect(org.sf.log.count({ path: /_emulator/ })).toBe(0);
  });
});
