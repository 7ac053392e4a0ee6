import type { Write } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { CRM_EXAMPLES, crmOn, exampleOf, GRAPH_EXAMPLES, hasExamples, mailboxOn } from '../src/replay.ts';

const graph = (id: string) => exampleOf(GRAPH_EXAMPLES, id);
const crm = (id: string) => exampleOf(CRM_EXAMPLES, id);
const etag = { '@odata.etag': 'W/"1"', lastModifiedDateTime: '2026-08-01T06:00:01Z' };
const STAMP = '0b6d2b6e-53a4-5c1e-8d7e-000000000001';
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it did not fail',
    ({ kind, code, retryAfterMs }) => ({ kind, code, retryAfterMs }),
  );

const current = { id: 'i', version: 'W/"1"', mono: '1', fields: { jobTitle: null } };
const update: Write = { op: 'update', id: 'i', version: 'W/"1"', patch: { jobTitle: 'CTO' }, current };

describe.skipIf(!hasExamples)(
  'the mailbox adapter reads the shared examples [skipped: ../shared is absent]',
  () => {
    it.each([
      ['delta-token-expired-410', { kind: 'cursor_expired' }],
      ['error-401-token-expired', { kind: 'auth' }],
      ['error-403-raop', { kind: 'forbidden' }],
      ['error-403-access-policy-documented', { kind: 'forbidden' }],
      ['error-404-mailbox-not-enabled', { kind: 'not_found' }],
    ])('%s ends the reading of a feed', async (id, wanted) => {
      const { store } = mailboxOn(graph(id));
      expect(await failure(store.changes('contacts', null))).toMatchObject(wanted);
    });

    it.each(['error-429-generic', 'error-429-mailbox-concurrency'])(
      '%s is a wait, with its length',
      async (id) => {
        const given = graph(id);
        const seconds = Number(given.headers?.['Retry-After']);
        expect(seconds).toBeGreaterThan(0);
        const [outcome] = await mailboxOn({
          ...given,
          headers: { ...given.headers, 'Retry-After': '120' },
        }).store.write([update]);
        expect(outcome).toMatchObject({ status: 'retry', kind: 'rate_limited', afterMs: 120_000 });
      },
    );

    it('error-404-item-not-found is gone for a read and for a write', async () => {
      const { store } = mailboxOn(graph('error-404-item-not-found'));
      expect(await store.read(['i'])).toMatchObject([{ state: 'gone', id: 'i' }]);
      expect(await store.write([update])).toMatchObject([{ status: 'gone' }]);
    });

    it('error-412-stale-etag is a conflict, and changes nothing', async () => {
      expect(await mailboxOn(graph('error-412-stale-etag')).store.write([update])).toMatchObject([
        { status: 'conflict' },
      ]);
    });

    it('error-404-user-not-found-directory and error-404-mailbox-not-enabled are no mailbox', async () => {
      for (const id of ['error-404-user-not-found-directory', 'error-404-mailbox-not-enabled']) {
        const { port } = mailboxOn(graph(id));
        const states = await port.mailboxes(['11111111-2222-4333-8444-555555555555']);
        expect(states).toMatchObject([{ state: 'no-mailbox' }]);
      }
    });

    it('contact-create is a success with the new id', async () => {
      const given = graph('contact-create');
      const create: Write = { op: 'create', stamp: STAMP, fields: { givenName: 'Pavel', surname: 'Bansky' } };
      const answer = { ...given, body: { ...(given.body as object), ...etag } };
      const { store } = mailboxOn(answer, { reads: { status: 200, body: { value: [] } } });
      expect(await store.write([create])).toMatchObject([{ status: 'ok', id: 'id-value' }]);
    });

    it('contact-delete is a success without a body', async () => {
      const { store } = mailboxOn(graph('contact-delete'));
      expect(await store.write([{ op: 'delete', id: 'i', version: 'W/"1"' }])).toMatchObject([
        { status: 'ok', id: 'i' },
      ]);
    });

    it('contact-get-full gives every property that it shows, and no other', async () => {
      const given = graph('contact-get-full');
      const body = given.body as Record<string, unknown>;
      const { store } = mailboxOn({ ...given, body: { ...etag, ...body, id: 'i', parentFolderId: 'i' } });
      const [read] = await store.read(['i']);
      expect(read?.state).toBe('found');
      const fields = read?.state === 'found' ? read.record.fields : {};
      for (const name of ['givenName', 'surname', 'companyName', 'jobTitle']) {
        if (typeof body[name] === 'string') expect(fields[name]).toBe(body[name] === '' ? null : body[name]);
      }
      const [first] = (body.emailAddresses ?? []) as { address?: string }[];
      expect(fields.email1 ?? null).toBe(first?.address ?? null);
    });

    it('contact-delta-first-page and contact-list with their placeholders do not stop a reading', async () => {
      const delta = graph('contact-delta-first-page');
      const page = delta.body as { value: object[] };
      const value = page.value.map((item) => ({ ...etag, id: 'i', ...item }));
      const next = {
        '@odata.nextLink':
          'https://graph.microsoft.com/v1.0/users/u/contactFolders/f/contacts/delta?$skiptoken=s',
      };
      const { store } = mailboxOn({ status: 200, body: { ...page, ...next, value } });
      const [feed] = await store.feeds();
      const changes = await store.changes(feed?.key ?? '', null);
      expect(changes).toMatchObject({ more: true, changes: [{ kind: 'changed', id: 'i' }] });
      const list = graph('contact-list').body as { value: object[] };
      const listed = list.value.map((item) => ({ ...etag, id: 'i', ...item }));
      const records = await mailboxOn({ status: 200, body: { value: listed } }).store.list(
        feed?.key ?? '',
        null,
      );
      expect(records).toMatchObject({
        next: null,
        records: [{ id: 'i', fields: { givenName: 'givenName-value' } }],
      });
      // "datetime-value" is no birthday: unknown, which is not blank.
      expect(records.records[0]?.fields.birthday).toBeUndefined();
    });

    it('extended-property-expand shows the property under its own name', async () => {
      const given = graph('extended-property-expand');
      const { id, value } = (given.body as { singleValueExtendedProperties: { id: string; value: string }[] })
        .singleValueExtendedProperties[0] ?? { id: '', value: '' };
      const [, namespace = '', name = ''] = /\{(.*)\} Name (.*)$/.exec(id) ?? [];
      const { store } = mailboxOn(
        { ...given, body: { ...(given.body as object), ...etag } },
        { options: { namespace, custom: [name] } },
      );
      const [read] = await store.read(['AAMkAGE1M2_bs88AACHsLqWAAA=']);
      expect(read).toMatchObject({ state: 'found', record: { fields: { [`x:${name}`]: value } } });
    });
  },
);

describe.skipIf(!hasExamples)(
  'the CRM adapter reads the shared examples [skipped: ../shared is absent]',
  () => {
    const QUERY = /\/query\/?\?/;
    const ID = '003000000000001AAA';
    const record = { id: ID, version: '1', mono: '1', fields: { Title: null } };
    const change: Write = { op: 'update', id: ID, version: '1', patch: { Title: 'CTO' }, current: record };

    it.each([
      ['error-invalid-session-401', { kind: 'auth', code: 'INVALID_SESSION_ID' }],
      ['error-request-limit-403', { kind: 'rate_limited', code: 'REQUEST_LIMIT_EXCEEDED' }],
    ])('%s ends the call', async (id, wanted) => {
      const { store, hits } = await crmOn(QUERY, crm(id));
      expect(await failure(store.list('contacts', null))).toMatchObject(wanted);
      expect(hits()).toBeGreaterThan(0);
    });

    it.each([
      ['error-required-field-missing-400', { status: 'rejected', code: 'required', property: 'LastName' }],
      ['error-string-too-long-400', { status: 'rejected', code: 'too-long', property: 'LastName' }],
      ['error-duplicates-400', { status: 'rejected', code: 'duplicate-key' }],
      ['error-unable-to-lock-row-400', { status: 'retry', kind: 'conflict' }],
      ['error-entity-is-deleted-404', { status: 'gone' }],
    ])('%s as the fate of one row', async (id, wanted) => {
      const { org, store, hits } = await crmOn(/(PATCH|DELETE) .*\/sobjects\/Contact\//, crm(id));
      const target = org.admin.createContact({ LastName: 'Somebody' });
      if (wanted.status === 'gone') org.admin.deleteContact(target);
      const [outcome] = await store.write([{ ...change, id: target }]);
      expect(hits()).toBeGreaterThan(0);
      expect(outcome).toMatchObject(wanted);
      // Messages name properties, never values.
      expect(JSON.stringify(outcome)).not.toMatch(/xxx|Smith|001000000000001/);
    });

    it('collections-create-three-contacts is three successes with their ids', async () => {
      const given = crm('collections-create-three-contacts');
      const { store } = await crmOn(/POST .*composite\/sobjects/, given);
      const creates = [1, 2, 3].map(
        (n): Write => ({ op: 'create', stamp: STAMP.slice(0, -1) + n, fields: { LastName: `L${n}` } }),
      );
      expect(await store.write(creates)).toMatchObject(
        (given.body as { id: string }[]).map(({ id }) => ({ status: 'ok', id })),
      );
    });

    it('query-first-page goes on at the last id and never loses its place', async () => {
      const { store } = await crmOn(QUERY, crm('query-first-page'));
      const page = await store.list('contacts', null);
      expect(page.records.map((one) => one.id)).toEqual([ID]);
      expect(page.next).toBe(ID);
      expect(page.records[0]?.mono).toBe('2026-08-01T06:00:01.000Z');
    });

    it('query-empty is an empty page', async () => {
      const { store } = await crmOn(QUERY, crm('query-empty'));
      expect(await store.list('contacts', null)).toEqual({ records: [], next: null });
    });

    it('queryall-isdeleted tells what was removed and into what it was merged', async () => {
      const scene = await crmOn(/\/queryAll\/?\?/, crm('queryall-isdeleted'));
      const { store } = scene;
      const first = await store.changes('contacts', null);
      const page = await store.changes('contacts', first.cursor);
      expect([...first.changes, ...page.changes]).toMatchObject([
        { kind: 'changed', id: ID },
        { kind: 'removed', id: '003000000000002AAA', mergedInto: ID },
      ]);
    });

    it('oauth-jwt-bearer-400-audience is a refused sign-in with a remedy', async () => {
      const { port } = await crmOn(/oauth2\/token/, crm('oauth-jwt-bearer-400-audience'));
      const [finding] = await port.check();
      expect(finding).toMatchObject({ severity: 'block', code: 'sign-in' });
      expect(finding?.remedy ?? '').not.toBe('');
    });

    it('oauth-client-credentials-200 opens a session at the host it names', async () => {
      const { port } = await crmOn(/oauth2\/token/, crm('oauth-client-credentials-200'));
      // The token of the example is none of the emulated org: the sign-in was read, the call is refused.
      expect(await port.check()).toMatchObject([{ severity: 'block', code: 'sign-in' }]);
    });
  },
);
