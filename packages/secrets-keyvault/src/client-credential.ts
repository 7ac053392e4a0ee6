import path from 'node:path';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import {
  AzureCliCredential,
  ClientCertificateCredential,
  ManagedIdentityCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
import type { ContextOf } from '@tidelock/core';
import { authorityOf, type KeyVaultOptions } from './config.ts';

/** The one credential that is configured. Nothing is asked before the first call. */
export function createCredential(
  { credential, vaultUrl }: KeyVaultOptions,
  { dataDir }: ContextOf['secrets'],
  httpClient: HttpClient,
): TokenCredential {
  const authorityHost = authorityOf(vaultUrl);
  const shared = {
    ...{ httpClient, retryOptions: { maxRetries: 0 } },
    ...(authorityHost === undefined ? {} : { authorityHost }),
  };
  if ('managedIdentity' in credential) {
    const { clientId } = credential.managedIdentity;
    return clientId === undefined
      ? new ManagedIdentityCredential(shared)
      : new ManagedIdentityCredential({ clientId, ...shared });
  }
  if ('workloadIdentity' in credential) {
    const { tenantId, clientId, tokenFile } = credential.workloadIdentity;
    const tokenFilePath = path.resolve(dataDir, tokenFile);
    return new WorkloadIdentityCredential({ tenantId, clientId, tokenFilePath, ...shared });
  }
  if ('clientCertificate' in credential) {
    const { tenantId, clientId, certificateFile } = credential.clientCertificate;
    const certificatePath = path.resolve(dataDir, certificateFile);
    return new ClientCertificateCredential(tenantId, clientId, { certificatePath }, shared);
  }
  const { tenantId } = credential.azureCli;
  return new AzureCliCredential(tenantId === undefined ? {} : { tenantId });
}
