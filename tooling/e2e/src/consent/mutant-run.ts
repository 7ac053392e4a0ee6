import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as Host from '@tidelock/host';
import { attacks } from './attacks.ts';
import { type Mutant, mutants } from './mutants.ts';
import { createConsentWorld } from './world.ts';

/** Packages whose modules exist once per mutant; all others are shared. */
const MUTABLE = /\/packages\/(host|token-entra)\/src\//;
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
    const mutant = number === null ? undefined : mutants[Number(number)];
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
  const attack = attacks.find(({ id }) => id === mutant.attack);
  if (attack === undefined) throw new Error(`there is no attack ${mutant.attack}`);
  const entry = `${import.meta.resolve('@tidelock/host')}?mutant=${number}`;
  const host = (await import(entry)) as typeof Host;
  await using world = await createConsentWorld({ ...attack.options, host });
  return await attack.run(world);
}

/** Takes one check after the other out of the source, and plays the attack that it refuses. Prints one JSON line each. */
for (const [number, mutant] of mutants.entries()) {
  requireOnce(mutant);
  const outcome = await outcomeOf(mutant, number);
  const { check, attack, without } = mutant;
  const expected = attacks.find(({ id }) => id === attack)?.expected;
  console.log(JSON.stringify({ check, attack, expected, without, outcome }));
}
