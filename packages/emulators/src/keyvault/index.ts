export type { KeyVault, KeyVaultOptions, KeyVaultSettings } from './keyvault.ts';
export { createKeyVault } from './keyvault.ts';
