import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSteady } from './screen-text.ts';
import { planScreens, type Screens } from './screens-plan.ts';

/**
 * docs/screens.md shows what people see: each region of the page is a run of the real command in a world made for it. To
 * add some, write another file like `screens-plan.ts`, name its function here, and put regions into the page.
 */
const STORIES: readonly (() => Promise<Screens>)[] = [planScreens];

const PAGE = fileURLToPath(new URL('../../../docs/screens.md', import.meta.url));
const REGION = /<!-- screen:([a-z0-9-]+) -->\n[\s\S]*?<!-- \/screen -->/g;

const screens = new Map<string, string>();
beforeAll(async () => {
  for (const story of STORIES) {
    const steady = createSteady();
    for (const [name, text] of Object.entries(await story())) screens.set(name, steady(text));
  }
  if (process.env.SCREENS !== 'write') return;
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, fill(page));
}, 120_000);

const region = (name: string): string =>
  `<!-- screen:${name} -->\n\`\`\`text\n${screens.get(name) ?? `no screen is called ${name}`}\n\`\`\`\n<!-- /screen -->`;
const fill = (page: string): string => page.replaceAll(REGION, (_, name: string) => region(name));

describe('docs/screens.md', () => {
  it('shows what the commands print (SCREENS=write npm test -- apps/cli/test/screens.test.ts fills it anew)', async () => {
    const page = await readFile(PAGE, 'utf8');
    for (const [text, name = ''] of page.matchAll(REGION)) expect(text).toBe(region(name));
    const named = [...page.matchAll(REGION)].map(([, name]) => name);
    expect(named.toSorted()).toEqual([...screens.keys()].toSorted());
  });

  it('fits the terminal that it was seen on', () => {
    for (const [name, text] of screens) {
      const width = name === 'plan-later' ? 120 : 80;
      const wide = text
        .split('\n')
        .slice(1)
        .filter((line) => [...line].length > width);
      expect(wide, name).toEqual([]);
    }
  });
});
