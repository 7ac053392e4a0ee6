import { describe, it } from 'vitest';
import type { TestApi } from '../src/index.ts';

export const api: TestApi = {
  describe,
  it: (name, fn) => it(name, (context) => fn(context)),
  skip: (name, reason) => it.skip(`${name} [skipped: ${reason}]`, () => {}),
};
