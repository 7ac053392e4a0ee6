import type { Section } from './bounds.ts';
import { DIRECTIONS, type Direction } from './direction.ts';
import { firstSync, type Settings, withStock } from './scene.ts';

const BOUNDS: Readonly<Record<Direction, number>> = { out: 0.03, in: 0.08 };

/** HTTP requests per contact of a first sync, in both directions. */
export async function benchRequests(settings: Settings): Promise<Section> {
  const { counted: count } = settings;
  const figures = [];
  const details: Record<string, unknown> = {};
  for (const direction of ['out', 'in'] as const) {
    settings.log(`first sync of ${count}, ${DIRECTIONS[direction]}`);
    const { traffic } = await withStock({ settings, direction, count }, (stocked) =>
      firstSync(stocked, count),
    );
    const name = `${DIRECTIONS[direction]}, ${count.toLocaleString('en')} contacts`;
    figures.push({ name, value: traffic.requests / count, unit: 'requests/item', bound: BOUNDS[direction] });
    details[direction] = traffic;
  }
  return { name: 'requests', title: 'Requests of a first sync', figures, details };
}
