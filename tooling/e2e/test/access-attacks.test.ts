import { expect, test, vi } from 'vitest';
import { accessAttacks } from '../src/access/attacks.ts';
import { createAccessWorld } from '../src/access/world.ts';

vi.setConfig({ testTimeout: 60_000 });

test.each(accessAttacks.map((attack) => [attack.id, attack.title, attack] as const))(
  '%s: %s does not come through',
  async (_id, _title, attack) => {
    await using world = await createAccessWorld(attack.options);
    expect(await attack.run(world)).toBe(attack.expected);
  },
);
