import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer } from './fixture.ts';

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly 'x-role'?: string;
  readonly security: readonly object[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly content?: object; readonly description?: string }>>;
}

let server: Awaited<ReturnType<typeof openServer>>;
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
let schemas: Readonly<Record<string, unknown>>;
let text: string;

beforeAll(async () => {
  server = await openServer();
  text = await (await fetch(`${server.origin}/api/v1/openapi.json`)).text();
  ({
    paths,
    components: { schemas },
  } = JSON.parse(text));
});
afterAll(() => server.app.close());

const operations = (): [string, Operation][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method} ${path}`, operation] as [string, Operation],
    ),
  );

describe('the API document', () => {
  it('names nothing that it does not describe', () => {
    const named = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(50);
    expect([...new Set(named)].filter((name) => !(name in schemas))).toEqual([]);
  });

  it('says of every route what it is for, and who may call it', () => {
    const silent = operations().filter(
      ([, { summary = '', tags = [] }]) => summary === '' || tags.length === 0,
    );
    expect(silent.map(([name]) => name)).toEqual([]);
    const open = operations().filter(([, operation]) => operation.security.length === 0);
    const ours = open.map(([name]) => name).filter((name) => name.includes('/api/v1/'));
    expect(ours).toEqual([]);
  });

  it('has a name for every operation, and each for one only', () => {
    const names = operations().map(([, { operationId }]) => operationId);
    expect(names.filter((name) => !/^(get|post|put|patch|delete)[A-Z][A-Za-z0-9]+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('postReviewsByIdDecide');
  });

  it('nobody but viewers and above reads, and nothing is changed by somebody who may only read', () => {
    const changing = operations().filter(([name]) => !name.startsWith('get '));
    const byViewer = changing.filter(([, operation]) => operation['x-role'] === 'viewer');
    expect(byViewer.map(([name]) => name)).toEqual([]);
    const edits = changing.filter(([name]) =>
      /^(put|delete) .*(profiles|settings|mapping|connections)/.test(name),
    );
    expect(new Set(edits.map(([, operation]) => operation['x-role']))).toEqual(new Set(['setup']));
    expect(edits.length).toBeGreaterThan(4);
  });

  it('has what administrators do', () => {
    const areas = new Set(operations().flatMap(([, { tags = [] }]) => tags));
    for (const area of [
      ...['status', 'mailboxes', 'profiles', 'mapping', 'plans', 'work', 'jobs', 'history', 'items', 'undo'],
      ...['reviews', 'audit', 'keys', 'settings', 'connections'],
    ])
      expect(areas).toContain(area);
  });
});
