import type { ActingPlatform, LivePlatform } from '@tidelock/host';
import { expect, it } from 'vitest';
import { openServer } from './fixture.ts';

it('what a service is asked for goes on while the configuration is reloaded', async () => {
  let held = 0;
  const heldMeanwhile: number[] = [];
  const narrowing = async () => {
    await Promise.resolve();
    heldMeanwhile.push(held);
    return [{ text: 'Make a group', commands: ['New-Group'] }];
  };
  const platform = { mailbox: { narrowing }, config: { mailboxes: [] } } as unknown as ActingPlatform;
  // Whoever holds the platform keeps open what it stands on; the one of the moment may be closed at any time.
  const live: Partial<LivePlatform> = {
    trouble: null,
    now: () => platform,
    async use(work) {
      held += 1;
      return work(platform).finally(() => {
        held -= 1;
      });
    },
  };
  const { app, origin } = await openServer({ live: live as LivePlatform });
  const answer = await fetch(`${origin}/api/v1/reach/narrowing?group=sync`, {
    headers: { 'x-test-role': 'setup' },
  });
  expect([answer.status, await answer.json(), heldMeanwhile]).toEqual([
    ...[200, { steps: [{ text: 'Make a group', commands: ['New-Group'] }] }, [1]],
  ]);
  await app.close();
});
