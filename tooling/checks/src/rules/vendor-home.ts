import type { Rule } from '../finding.ts';
import { packageOf, parse, sourcesOf } from '../syntax.ts';

/** The one package whose sources may import a vendor's library. */
const homes: Readonly<Record<string, string>> = {
  '@azure/msal-node': 'packages/token-entra',
  '@azure/msal-common': 'packages/token-entra',
  '@microsoft/microsoft-graph-client': 'packages/mailbox-exchange',
  '@microsoft/microsoft-graph-types': 'packages/mailbox-exchange',
  '@jsforce/jsforce-node': 'packages/crm-salesforce',
  '@hubspot/api-client': 'packages/crm-hubspot',
  '@azure/keyvault-keys': 'packages/secrets-keyvault',
  '@azure/keyvault-secrets': 'packages/secrets-keyvault',
  '@azure/identity': 'packages/secrets-keyvault',
  '@azure/core-auth': 'packages/secrets-keyvault',
  '@azure/core-rest-pipeline': 'packages/secrets-keyvault',
  'node:sqlite': 'packages/state-sqlite',
  pg: 'packages/state-postgres',
  tsyringe: 'packages/host',
};

export const vendorHome: Rule = {
  name: 'vendor-home',
  check: (tree) =>
    tree.packages
      .filter((pkg) => pkg.group !== 'tooling')
      .flatMap((pkg) =>
        sourcesOf(pkg).flatMap((file) =>
          parse(file).imports.flatMap((used) => {
            const name = packageOf(used.specifier) ?? used.specifier;
            const home = Object.hasOwn(homes, name) ? homes[name] : undefined;
            if (home === undefined || home === pkg.directory) return [];
            return [
              {
                rule: 'vendor-home',
                thing: `${file.path}:${used.line}`,
                reason: `imports ${name}, whose only home is ${home}`,
                remedy: `Reach it through the contract that ${home} implements.`,
              },
            ];
          }),
        ),
      ),
};
