/** Value types of properties. Every value travels as a string. */
export type PropertyType = 'string' | 'number' | 'bool' | 'enumeration' | 'date' | 'datetime';

export interface PropertyOption {
  readonly label: string;
  readonly value: string;
}

export interface Property {
  readonly name: string;
  readonly label: string;
  readonly type: PropertyType;
  readonly fieldType: string;
  readonly groupName: string;
  readonly description: string;
  readonly options: readonly PropertyOption[];
  /** No two living records hold the same value, letters of either case. */
  readonly hasUniqueValue: boolean;
  /** The service computes it; writes are refused. */
  readonly readOnly: boolean;
  /** Made by people of the account, not by the service. */
  readonly custom: boolean;
  readonly createdAt: number;
  /** Values that a validation rule of the account refuses. */
  readonly refused: readonly string[];
}

/** Longest value of a string property, in UTF-16 units. */
export const LONGEST_STRING = 65_536;
/** How many properties of one object type can be unique. */
export const MOST_UNIQUE = 10;

export function standardProperty(
  name: string,
  label: string,
  more: Partial<Omit<Property, 'name' | 'label'>> = {},
): Property {
  return {
    name,
    label,
    type: 'string',
    fieldType: 'text',
    groupName: 'contactinformation',
    description: '',
    options: [],
    hasUniqueValue: false,
    readOnly: false,
    custom: false,
    createdAt: Date.UTC(2019, 7, 6, 2, 41, 8),
    refused: [],
    ...more,
  };
}

/** A property definition as the API prints it. */
export function toWireProperty(property: Property): Record<string, unknown> {
  const { name, label, type, fieldType, groupName, description, hasUniqueValue, readOnly, custom } = property;
  const at = new Date(property.createdAt).toISOString();
  return {
    name,
    label,
    type,
    fieldType,
    groupName,
    description,
    options: property.options.map((option, displayOrder) => ({ ...option, displayOrder, hidden: false })),
    displayOrder: -1,
    calculated: false,
    externalOptions: false,
    hasUniqueValue,
    hidden: false,
    hubspotDefined: !custom,
    modificationMetadata: {
      archivable: custom,
      readOnlyDefinition: !custom,
      readOnlyOptions: !custom,
      readOnlyValue: readOnly,
    },
    formField: !readOnly,
    archived: false,
    createdAt: at,
    updatedAt: at,
  };
}
