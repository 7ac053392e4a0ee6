import { afterEach, beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

it('somebody is there for a minute after they touched the page, and nobody is when only the page is at work', async () => {
  const { isSomebodyThere, watchAttention } = await import('../src/api/attention.ts');
  const page = new EventTarget();
  watchAttention(page);
  page.dispatchEvent(new Event('keydown'));
  expect(isSomebodyThere()).toBe(true);
  vi.advanceTimersByTime(61_000);
  expect(isSomebodyThere()).toBe(false);
  page.dispatchEvent(new Event('message'));
  expect(isSomebodyThere()).toBe(false);
  page.dispatchEvent(new Event('pointerdown'));
  expect(isSomebodyThere()).toBe(true);
});
