import { defineAdapter } from '@tidelock/core';
import { EntraOptionsSchema } from './config.ts';
import { createEntraTokens } from './provider.ts';

export { CLOUDS, type EntraOptions, type EntraOptionsInput, EntraOptionsSchema } from './config.ts';
export { type EntraErrorAdvice, explainEntraError } from './errors.ts';
export type { Advice, ErrorState } from './errors-remedies.ts';
export { createEntraTokens } from './provider.ts';
export type { EntraTuning } from './provider-renewal.ts';
export { parseClaimsChallenge } from './wire-claims.ts';

export const adapter = defineAdapter({
  contract: 'token@1',
  name: '@tidelock/token-entra',
  title: 'Microsoft Entra app-only access tokens by certificate',
  options: EntraOptionsSchema,
  create: (options, context) => createEntraTokens(options, context),
});
