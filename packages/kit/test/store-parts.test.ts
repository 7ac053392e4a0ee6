import type { FieldSpec, Fields } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { buildBody, createHolders, createOneFeedStore, decodeCursor, requireFresh } from '../src/index.ts';

const spec = (writable: boolean): FieldSpec => ({ type: 'text', label: 'x', writable });
const specs = { name: spec(true), computed: spec(false) };

describe('a cursor', () => {
  const read = (value: unknown): { v: 1 } | undefined =>
    JSON.stringify(value) === '{"v":1}' ? { v: 1 } : undefined;

  it('comes back as it was stored; any other text is a cursor that has expired', () => {
    expect(decodeCursor('{"v":1}', { operation: 'x.changes', read })).toEqual({ v: 1 });
    for (const text of ['', 'nothing', '{"v":2}', 'null'])
      expect(() => decodeCursor(text, { operation: 'x.changes', read })).toThrow(
        expect.objectContaining({ kind: 'cursor_expired', code: 'cursor-form', operation: 'x.changes' }),
      );
  });

  it('may rest as long as the service keeps what was deleted, and no longer', () => {
    const at = (clock: number | null, serverTime: number | null) => () =>
      requireFresh({ clock }, { operation: 'x.changes', serverTime, maxRestMs: 100, keeper: 'recycle-bin' });
    expect(at(1_000, 1_100)).not.toThrow();
    expect(at(null, 9_999)).not.toThrow();
    expect(at(1_000, null)).not.toThrow();
    expect(at(1_000, 1_101)).toThrow(
      expect.objectContaining({ kind: 'cursor_expired', code: 'recycle-bin' }),
    );
  });
});

describe('a body', () => {
  const put = (body: Record<string, unknown>, property: string, { value }: { value: unknown }): boolean => {
    body[property] = value;
    return value !== 7;
  };
  const build = (fields: Fields) => buildBody<Record<string, unknown>>(fields, { body: {}, specs, put });

  it('holds every field, or says of the first one that cannot be sent why', () => {
    expect(build({ name: 'Ann' })).toEqual({ body: { name: 'Ann' }, refusal: null });
    expect(build({ other: 'x' }).refusal).toEqual({ code: 'unsupported', property: 'other' });
    expect(build({ toString: 'x' }).refusal).toEqual({ code: 'unsupported', property: 'toString' });
    expect(build({ computed: 'x' }).refusal).toEqual({ code: 'read-only', property: 'computed' });
    expect(build({ name: 7 as unknown as string }).refusal).toEqual({ code: 'invalid', property: 'name' });
  });
});

describe('holders', () => {
  it('are found without case and blanks, in the order asked; a blank is nobody', () => {
    const holders = createHolders<string>([' A@x ', 'b@x', '', 'a@X']);
    expect(holders.wanted).toEqual(['a@x', 'b@x']);
    holders.add(['a@X', 'a@x ', null, ''], 'one');
    holders.add(['A@x'], 'two');
    expect(holders.answer()).toEqual([['one', 'two'], [], [], ['one', 'two']]);
  });
});

describe('a store with one feed', () => {
  function createStore() {
    const calls: string[] = [];
    const errors: unknown[] = [];
    const answer =
      <T>(name: string, value: T) =>
      async (): Promise<T> => {
        calls.push(name);
        return value;
      };
    const store = createOneFeedStore<object>({
      ...{ feed: 'people', label: 'People', scopeHash: 's-1' },
      open: answer('open', {}),
      onError: (error) => errors.push(error),
      probe: () => Promise.reject(new Error('not asked')),
      changes: () => Promise.reject(new Error('gone wrong')),
      list: answer('list', { records: [], next: null }),
      read: answer('read', []),
      find: answer('find', []),
      write: answer('write', []),
    });
    return { store, calls, errors };
  }

  it('refuses other feeds, and makes no request for nothing or after an abort', async () => {
    const { store, calls } = createStore();
    expect(await store.feeds()).toEqual([{ key: 'people', label: 'People', scopeHash: 's-1' }]);
    expect(() => store.changes('cats', null)).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'feed' }),
    );
    expect(await store.read([])).toEqual([]);
    expect(await store.find('email', [])).toEqual([]);
    expect(await store.write([])).toEqual([]);
    const signal = AbortSignal.abort();
    await expect(store.list('people', null, { signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(calls).toEqual([]);
  });

  it('opens every call anew, and hears of its errors', async () => {
    const { store, calls, errors } = createStore();
    await store.read(['1']);
    await store.list('people', null);
    expect(calls).toEqual(['open', 'read', 'open', 'list']);
    await expect(store.changes('people', null)).rejects.toThrow('gone wrong');
    expect(errors).toMatchObject([{ message: 'gone wrong' }]);
  });
});
