import { toHttpDate, toWholeSecond } from './datetime.ts';
import { type Org, requireTable } from './org.ts';
import { type ApiCall, json, type Reply } from './reply.ts';
import { modifiedOrReply } from './rest-conditions.ts';
import type { Resource, RestContext } from './rest-context.ts';
import type { FieldDefinition, ObjectDefinition } from './schema.ts';

export const OLDEST_VERSION = 60;
export const NEWEST_VERSION = 66;

/** GET /services/data: the only resource that needs no session. */
export function listVersions(): Reply {
  const versions: { label: string; url: string; version: string }[] = [];
  for (let number = OLDEST_VERSION; number <= NEWEST_VERSION; number += 1) {
    const season = ['Spring', 'Summer', 'Winter'][(number - OLDEST_VERSION) % 3] ?? 'Spring';
    const year = 24 + Math.floor((number - OLDEST_VERSION + 1) / 3);
    versions.push({
      label: `${season} '${year}`,
      url: `/services/data/v${number}.0`,
      version: `${number}.0`,
    });
  }
  return json(200, versions);
}

export const listResources: Resource = (context) => {
  const base = `/services/data/${context.caller.version}`;
  const names = ['sobjects', 'query', 'queryAll', 'limits', 'composite'];
  const resources = Object.fromEntries(names.map((name) => [name, `${base}/${name}`]));
  return json(200, { ...resources, identity: context.caller.identityUrl });
};

function soapTypeOf(field: FieldDefinition): string {
  if (field.type === 'id' || field.type === 'reference') return 'tns:ID';
  if (field.type === 'address') return 'urn:address';
  const plain: readonly string[] = ['boolean', 'int', 'double', 'date'];
  if (plain.includes(field.type)) return `xsd:${field.type}`;
  return field.type === 'datetime' ? 'xsd:dateTime' : 'xsd:string';
}

function toFieldDescribe(field: FieldDefinition): Record<string, unknown> {
  const { picklistValues, ...rest } = field;
  return {
    ...rest,
    byteLength: field.length * 3,
    soapType: soapTypeOf(field),
    groupable: field.filterable && field.sortable && field.type !== 'datetime' && field.type !== 'double',
    calculated: false,
    autoNumber: false,
    nameField: field.nameField,
    deprecatedAndHidden: false,
    permissionable: field.nillable && !field.nameField,
    picklistValues: picklistValues.map((value) => ({
      active: true,
      defaultValue: false,
      label: value,
      validFor: null,
      value,
    })),
    referenceTo: field.referenceTo,
    polymorphicForeignKey: field.referenceTo.length > 1,
  };
}

/** Objects whose records never become one. */
const UNMERGEABLE: readonly string[] = ['Event', 'EventRelation'];

function toBrief(context: RestContext, object: ObjectDefinition): Record<string, unknown> {
  const base = `/services/data/${context.caller.version}/sobjects/${object.name}`;
  return {
    name: object.name,
    label: object.label,
    labelPlural: object.labelPlural,
    keyPrefix: object.keyPrefix,
    createable: object.writable,
    updateable: object.writable,
    deletable: object.writable,
    undeletable: object.writable,
    mergeable: object.writable && !UNMERGEABLE.includes(object.name),
    queryable: true,
    replicateable: true,
    retrieveable: true,
    searchable: true,
    triggerable: object.writable,
    layoutable: object.writable,
    custom: false,
    customSetting: false,
    deprecatedAndHidden: false,
    feedEnabled: object.writable,
    mruEnabled: object.writable,
    urls: { sobject: base, describe: `${base}/describe`, rowTemplate: `${base}/{ID}` },
  };
}

function schemaHeaders(org: Org): Record<string, string> {
  return {
    etag: `"${toWholeSecond(org.schemaChangedAt).toString(16)}"`,
    'last-modified': toHttpDate(org.schemaChangedAt),
  };
}

/** Schema resources answer `If-Modified-Since`, with the time of the last change of the schema. */
function schemaReply(context: RestContext, call: ApiCall, body: () => unknown): Reply {
  const headers = schemaHeaders(context.org);
  return modifiedOrReply(call, context.org.schemaChangedAt, headers) ?? json(200, body(), headers);
}

export const listObjects: Resource = (context, call) =>
  schemaReply(context, call, () => ({
    encoding: 'UTF-8',
    maxBatchSize: 200,
    sobjects: context.org.tables.map((table) => toBrief(context, table.object)),
  }));

export const readObject: Resource = (context, call, segments) => {
  const { object } = requireTable(context.org, segments[1] ?? '');
  return schemaReply(context, call, () => ({ objectDescribe: toBrief(context, object), recentItems: [] }));
};

export const describeObject: Resource = (context, call, segments) => {
  const { object } = requireTable(context.org, segments[1] ?? '');
  return schemaReply(context, call, () => ({
    ...toBrief(context, object),
    childRelationships: [],
    recordTypeInfos: [],
    fields: object.fields.map(toFieldDescribe),
  }));
};
