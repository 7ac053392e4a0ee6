import type { Attack } from './attack.ts';
import { consentAttacks } from './attacks-consent.ts';
import { signInAttacks } from './attacks-sign-in.ts';

export const attacks: readonly Attack[] = [...consentAttacks, ...signInAttacks];
