import { readFileSync } from 'node:fs';
import { SHARED } from '@tidelock-tooling/openapi';
import { expect } from 'vitest';
import type { Answer } from './microsoft365-fixture.ts';

export interface Example {
  request: { method: string; url: string; headers: Record<string, string>; body: unknown };
  response: { status: number; body: Record<string, unknown> | null };
}

export const example = (id: string): Example =>
  JSON.parse(readFileSync(`${SHARED}reference/graph/examples/${id}.json`, 'utf8'));

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;

/** Paths in `expected` that `actual` lacks or has with another kind of value; null stands for any kind. */
const differences = (expected: unknown, actual: unknown, at = ''): string[] => {
  const kinds = [kindOf(expected), kindOf(actual)];
  if (kinds.includes('null')) return [];
  if (kinds[0] !== kinds[1]) return [`${at}: ${kinds.join(' became ')}`];
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return expected.length > 0 && actual.length > 0 ? differences(expected[0], actual[0], `${at}[]`) : [];
  }
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null)
    return [];
  const shown = new Map(Object.entries(actual));
  return Object.entries(expected).flatMap(([name, value]) =>
    shown.has(name) ? differences(value, shown.get(name), `${at}/${name}`) : [`${at}/${name} is missing`],
  );
};

/** Same status, and every member of the example's answer with the same kind of value; errors word for word. */
export const expectLike = (id: string, answer: Answer, without: readonly string[] = []): void => {
  const { response } = example(id);
  expect([id, answer.status]).toEqual([id, response.status]);
  if (response.body === null) return;
  const missing = differences(response.body, answer.body).filter(
    (text) => !without.some((name) => text.includes(`/${name}`)),
  );
  expect([id, missing]).toEqual([id, []]);
  const { error } = response.body;
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    expect(answer.body.error).toMatchObject({ code: error.code, message: error.message });
  }
};
