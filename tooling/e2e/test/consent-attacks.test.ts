import { expect, test, vi } from 'vitest';
import { attacks } from '../src/consent/attacks.ts';
import { createConsentWorld } from '../src/consent/world.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Outcomes of attacks in which somebody honest ends up connected. */
const LEAVES_SOMEBODY = new Set(['bound-elsewhere', 'bound-meanwhile']);

test.each(attacks.map((attack) => [attack.id, attack.title, attack] as const))(
  '%s: %s is refused',
  async (id, _title, attack) => {
    await using world = await createConsentWorld(attack.options);
    expect(await attack.run(world)).toBe(attack.expected);
    if (!LEAVES_SOMEBODY.has(id)) expect(await world.connections.tenant()).toBeNull();
  },
);
