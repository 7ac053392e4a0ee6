import { readFileSync } from 'node:fs';
import { type AdapterManifest, type Mapping, MappingSchema } from '@tidelock/core';
import { adapter as hubspot } from '@tidelock/crm-hubspot';
import { adapter as salesforce } from '@tidelock/crm-salesforce';
import { configJsonSchema } from '@tidelock/host';
import { adapter as exchange } from '@tidelock/mailbox-exchange';
import { adapter as secretsFile } from '@tidelock/secrets-file';
import { adapter as secretsKeyVault } from '@tidelock/secrets-keyvault';
import { adapter as secretsVault } from '@tidelock/secrets-vault';
import { adapter as postgres } from '@tidelock/state-postgres';
import { adapter as sqlite } from '@tidelock/state-sqlite';
import { adapter as entra } from '@tidelock/token-entra';
import { repository } from '../steps.ts';
import { decisionList } from './decision-list.ts';
import { toMappingTable } from './mapping-table.ts';
import { type Section, toOptionTable } from './option-table.ts';
import type { JsonSchema } from './schema-rows.ts';

const DRAFT = 'draft-2020-12';

interface JsonSchemaSource {
  readonly jsonSchema?: { readonly input?: (options: { readonly target: string }) => JsonSchema };
}

/** JSON Schema of what a person writes. Throws for a schema that cannot say it. */
function schemaOf(standard: unknown, name: string): JsonSchema {
  const schema = (standard as JsonSchemaSource).jsonSchema?.input?.({ target: DRAFT });
  if (schema === undefined) throw new Error(`${name} has no JSON Schema`);
  return schema;
}

const ADAPTERS: readonly AdapterManifest[] = [
  entra,
  exchange,
  salesforce,
  hubspot,
  secretsFile,
  secretsVault,
  secretsKeyVault,
  sqlite,
  postgres,
].map((manifest) => manifest as unknown as AdapterManifest);

function adapterSection(manifest: AdapterManifest): string {
  const folder = manifest.name.replace('@tidelock/', '');
  const schema = schemaOf(manifest.options['~standard'], manifest.name);
  const sources = [`packages/${folder}/src/config.ts`];
  return [
    `### ${manifest.name}`,
    `${manifest.title}. Contract \`${manifest.contract}\`. [README](../packages/${folder}/README.md)`,
    toOptionTable({ name: folder, schema, sources }),
  ].join('\n\n');
}

const hostSection: Section = {
  name: 'host',
  schema: configJsonSchema(),
  sources: [],
  without: ({ path }) => path.includes('mappingExtra[]') || /^(state|token|mailbox|crm)\./.test(path),
};

const mappingSection: Section = {
  name: 'mapping',
  schema: schemaOf(MappingSchema['~standard'], 'the mapping'),
  sources: ['packages/core/src/mapping.ts'],
  // Reserved: nothing registers transforms yet.
  without: ({ key }) => key === 'transform',
};

const example = (name: string): string =>
  `\`\`\`yaml\n${readFileSync(`${repository}docs/examples/${name}`, 'utf8').trimEnd()}\n\`\`\``;

/** The mapping that the Salesforce adapter ships. */
function defaultMappingTable(): string {
  const mapping: Mapping | undefined = salesforce.mapping;
  if (mapping === undefined) throw new Error('@tidelock/crm-salesforce ships no mapping');
  return toMappingTable(mapping, { mailbox: 'Exchange', crm: 'Salesforce' });
}

/** Pages with generated regions, relative to the repository. */
export const PAGES = ['README.md', 'docs/README.md', 'docs/configuration.md'];

/** What the generated regions hold, by name. */
export function generatedValues(): Readonly<Record<string, string>> {
  return {
    'example-configuration': example('tidelock.yaml'),
    'example-mapping': example('mapping.yaml'),
    'host-options': toOptionTable(hostSection),
    'mapping-options': toOptionTable(mappingSection),
    'default-mapping': defaultMappingTable(),
    decisions: decisionList(),
    'adapter-options': ADAPTERS.map(adapterSection).join('\n\n'),
  };
}
