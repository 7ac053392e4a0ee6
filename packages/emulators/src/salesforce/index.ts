export type { Admin as SalesforceAdmin, NewField, NewUser } from './admin.ts';
export { ApiError as SalesforceError } from './api-error.ts';
export type { ConnectedApp } from './connected-apps.ts';
export type { Oracle as SalesforceOracle, OracleRecord as SalesforceRecord } from './oracle.ts';
export type {
  OrgSettings as SalesforceSettings,
  ValidationRule,
  WriteEntry as SalesforceWrite,
} from './org.ts';
export type {
  Salesforce,
  SalesforceOptions,
} from './salesforce.ts';
export { createSalesforce } from './salesforce.ts';
