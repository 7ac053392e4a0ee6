import type { Attack } from './attack.ts';
import { guessAttacks } from './attacks-guess.ts';
import { localAttacks } from './attacks-local.ts';
import { providerAttacks } from './attacks-provider.ts';
import { sessionAttacks } from './attacks-session.ts';
import { tokenAttacks } from './attacks-token.ts';

export const accessAttacks: readonly Attack[] = [
  ...providerAttacks,
  ...sessionAttacks,
  ...localAttacks,
  ...guessAttacks,
  ...tokenAttacks,
];
