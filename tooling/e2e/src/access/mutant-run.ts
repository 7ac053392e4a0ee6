import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as Host from '@tidelock/host';
import type * as Server from '@tidelock/server';
import { accessAttacks } from './attacks.ts';
import { accessMutants } from './mutants.ts';
import type { Mutant } from './mutants-people.ts';
import { createAccessWorld } from './world.ts';

/** Packages whose modules exist once per mutant; all others are shared. */
const MUTABLE = /\/(packages\/host|apps\/server)\/src\//;
const root = new URL('../../../../', import.meta.url);

/** `...?mutant=7` is a copy of its own, and whatever it imports of the mutable packages is so too. */
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const mark = new URL(context.parentURL ?? 'file:///').search;
    if (mark === '' || !MUTABLE.test(resolved.url) || resolved.url.includes('?')) return resolved;
    return { ...resolved, url: resolved.url + mark };
  },
  load(url, context, next) {
    const number = new URL(url).searchParams.get('mutant');
    const mutant = number === null ? undefined : accessMutants[Number(number)];
    const loaded = next(url, context);
    if (mutant === undefined || fileURLToPath(new URL(mutant.file, root)) !== fileURLToPath(url))
      return loaded;
    const text = readFileSync(new URL(mutant.file, root), 'utf8');
    return { ...loaded, source: text.replace(mutant.find, () => mutant.replace) };
  },
});

function requireOnce({ file, find, check }: Mutant): void {
  const times = readFileSync(new URL(file, root), 'utf8').split(find).length - 1;
  if (times !== 1) throw new Error(`${check}: found ${times} times in ${file}; write the mutant anew`);
}

async function outcomeOf(mutant: Mutant, number: number): Promise<string> {
  const attack = accessAttacks.find(({ id }) => id === mutant.attack);
  if (attack === undefined) throw new Error(`there is no attack ${mutant.attack}`);
  const mark = `?mutant=${number}`;
  const host = (await import(`${import.meta.resolve('@tidelock/host')}${mark}`)) as typeof Host;
  const server = (await import(`${import.meta.resolve('@tidelock/server')}${mark}`)) as typeof Server;
  await using world = await createAccessWorld({ ...attack.options, host, server });
  return await attack.run(world);
}

/** Takes one check after the other out of the source, and plays the attack that it refuses. Prints one JSON line each. */
for (const mutant of accessMutants) requireOnce(mutant);
for (const [number, mutant] of accessMutants.entries()) {
  const outcome = await outcomeOf(mutant, number);
  const { check, attack } = mutant;
  const expected = accessAttacks.find(({ id }) => id === attack)?.expected;
  console.log(JSON.stringify({ check, attack, expected, outcome }));
}
