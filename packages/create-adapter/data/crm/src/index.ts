import { type AdapterManifest, defineAdapter } from '@tidelock/core';
import { type AcmeOptions, AcmeOptionsSchema } from './config.ts';
import { defaultMapping } from './mapping.ts';
import { createAcme } from './target.ts';

/** The manifest: what `tidelock.yaml` names. */
export const adapter: AdapterManifest<'crm', AcmeOptions> = defineAdapter<'crm', AcmeOptions>({
  contract: 'crm@1',
  name: '@scope/crm-acme',
  title: 'Acme contacts',
  options: AcmeOptionsSchema,
  create: createAcme,
  mapping: defaultMapping,
});

export { type AcmeOptions, type AcmeOptionsInput, AcmeOptionsSchema } from './config.ts';
export { defaultMapping } from './mapping.ts';
export { createAcme } from './target.ts';
