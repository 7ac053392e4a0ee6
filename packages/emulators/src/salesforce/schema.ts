export type FieldType =
  | 'id'
  | 'reference'
  | 'string'
  | 'textarea'
  | 'picklist'
  | 'combobox'
  | 'email'
  | 'phone'
  | 'url'
  | 'boolean'
  | 'int'
  | 'double'
  | 'date'
  | 'datetime'
  | 'address';

/** What is stored: datetimes as epoch milliseconds, dates as `YYYY-MM-DD`, ids in their 18-character form. */
export type FieldValue = string | number | boolean | null;

export interface FieldDefinition {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly nillable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly filterable: boolean;
  readonly sortable: boolean;
  readonly unique: boolean;
  readonly caseSensitive: boolean;
  readonly externalId: boolean;
  readonly idLookup: boolean;
  readonly defaultedOnCreate: boolean;
  readonly nameField: boolean;
  readonly custom: boolean;
  readonly restrictedPicklist: boolean;
  readonly picklistValues: readonly string[];
  readonly relationshipName: string | null;
  readonly referenceTo: readonly string[];
  readonly compoundFieldName: string | null;
}

export type FieldOptions = Partial<Omit<FieldDefinition, 'name' | 'label' | 'type'>>;

export interface ObjectDefinition {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  readonly keyPrefix: string;
  /** Whether the API may create, change and delete rows of it. */
  readonly writable: boolean;
  /** In the order that describe prints. */
  readonly fields: readonly FieldDefinition[];
  /** Case-insensitive, as the service resolves names. */
  field(name: string): FieldDefinition | undefined;
  /** The reference field behind a relationship name such as `Account`. */
  relationship(name: string): FieldDefinition | undefined;
  add(field: FieldDefinition): void;
}

const UNFILTERABLE_FROM = 1000;

export function defineField(
  name: string,
  label: string,
  options: FieldOptions & { readonly type: FieldType },
): FieldDefinition {
  const length = options.length ?? 0;
  const long = options.type === 'textarea' && length >= UNFILTERABLE_FROM;
  const address = options.type === 'address';
  return {
    name,
    label,
    length,
    precision: 0,
    scale: 0,
    nillable: true,
    createable: !address,
    updateable: !address,
    filterable: !long,
    sortable: !long && !address,
    unique: false,
    caseSensitive: false,
    externalId: false,
    idLookup: false,
    defaultedOnCreate: false,
    nameField: false,
    custom: false,
    restrictedPicklist: false,
    picklistValues: [],
    relationshipName: null,
    referenceTo: [],
    compoundFieldName: null,
    ...options,
  };
}

export function defineObject(options: {
  name: string;
  label: string;
  labelPlural: string;
  keyPrefix: string;
  writable: boolean;
  fields: readonly FieldDefinition[];
}): ObjectDefinition {
  const fields: FieldDefinition[] = [];
  const byName = new Map<string, FieldDefinition>();
  const byRelationship = new Map<string, FieldDefinition>();
  const add = (field: FieldDefinition): void => {
    fields.push(field);
    byName.set(field.name.toLowerCase(), field);
    if (field.relationshipName !== null) byRelationship.set(field.relationshipName.toLowerCase(), field);
  };
  for (const field of options.fields) add(field);
  return {
    name: options.name,
    label: options.label,
    labelPlural: options.labelPlural,
    keyPrefix: options.keyPrefix,
    writable: options.writable,
    fields,
    field: (name) => byName.get(name.toLowerCase()),
    relationship: (name) => byRelationship.get(name.toLowerCase()),
    add,
  };
}
