import { defineAdapter } from '@tidelock/core';
import { EntraOptionsSchema } from './config.ts';
import { createEntraTokens } from './provider.ts';

export { parseClaimsChallenge } from './claims.ts';
export { CLOUDS, type EntraOptions, type EntraOptionsInput, EntraOptionsSchema } from './config.ts';
export { type EntraErrorAdvice, explainEntraError } from './errors.ts';
export { createEntraTokens } from './provider.ts';
export type { Advice, Party } from './remedies.ts';
export type { EntraTuning } from './renewal.ts';

export const adapter = defineAdapter({
  contract: 'token@1',
  name: '@tidelock/token-entra',
  title: 'Microsoft Entra app-only access tokens by certificate',
  options: EntraOptionsSchema,
  create: (options, context) => createEntraTokens(options, context),
});
