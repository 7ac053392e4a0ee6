import type { Attack } from './attack.ts';
import { providerAttacks } from './attacks-provider.ts';
import { sessionAttacks } from './attacks-session.ts';

export const accessAttacks: readonly Attack[] = [...providerAttacks, ...sessionAttacks];
