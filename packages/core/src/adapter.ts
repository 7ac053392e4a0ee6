import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { AdapterContext } from './context.ts';
import type { CrmPort } from './crm.ts';
import type { MailboxPort } from './mailbox.ts';
import type { Mapping } from './mapping.ts';
import type { Secrets } from './secrets.ts';
import type { StatePort } from './state.ts';
import type { TokenProvider } from './token.ts';

/** The contracts and their present numbers. `host` accepts the present and the previous number of each. */
export const CONTRACTS = { secrets: 1, state: 1, token: 1, mailbox: 1, crm: 1 } as const;
export type ContractName = keyof typeof CONTRACTS;
export type ContractId = { [K in ContractName]: `${K}@${(typeof CONTRACTS)[K]}` }[ContractName];

/** What an adapter of each contract builds. */
export interface PortOf {
  secrets: Secrets;
  state: StatePort;
  token: TokenProvider;
  mailbox: MailboxPort;
  crm: CrmPort;
}

/** What an adapter of each contract is given besides the base context. */
export interface ContextOf {
  /** Secret stores alone may read the environment: a key or a login can come from there. */
  secrets: AdapterContext & { readonly env?: Readonly<Record<string, string | undefined>> };
  state: AdapterContext;
  token: AdapterContext & { readonly secrets: Secrets };
  mailbox: AdapterContext & { readonly secrets: Secrets; readonly token: TokenProvider };
  crm: AdapterContext & { readonly secrets: Secrets; readonly token: TokenProvider };
}

export interface AdapterManifest<C extends ContractName = ContractName, O = unknown> {
  /** `crm@1`. */
  readonly contract: `${C}@${number}`;
  /** Full package name; what configuration calls it. */
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Checks and types the adapter's options: strict, all problems at once. JSON Schema comes from the same object. */
  readonly options: StandardSchemaV1<unknown, O>;
  /** Builds the port. Makes no request. */
  create(options: O, context: ContextOf[C]): PortOf[C] | Promise<PortOf[C]>;
  /**
   * contracts secrets and state: copies everything that is kept, as it lies at rest, into a file that does not exist yet, readable by
   * nobody else. Consistent in itself while others read and write, in other processes too. What is sealed or encrypted
   * stays so: the copy is useless without its keys. Absent = back it up with its own tools.
   */
  snapshot?(options: O, context: ContextOf[C], file: string): Promise<void>;
  /**
   * Puts such a copy, also one of an older version, where nothing is yet. Throws `conflict` where something is, and `invalid`
   * for a file that is none of its copies; then everything is as it was. Present with `snapshot`.
   */
  restore?(options: O, context: ContextOf[C], file: string): Promise<void>;
  /** contract crm: the mapping it ships. */
  readonly mapping?: Mapping;
  /** contract crm: the mapping for events; absent = it has none, and no event takes part. */
  readonly eventMapping?: Mapping;
}

/** Default export is avoided on purpose: every adapter package exports its manifest as `adapter`. */
export function defineAdapter<C extends ContractName, O>(
  manifest: AdapterManifest<C, O>,
): AdapterManifest<C, O> {
  return Object.freeze(manifest);
}

/** `crm@1` -> name and number, or null when it is not a contract id. */
export function parseContract(id: string): { readonly name: ContractName; readonly version: number } | null {
  const match = /^([a-z]+)@(\d{1,4})$/.exec(id);
  const name = match?.[1];
  if (!match || name === undefined || !(name in CONTRACTS)) return null;
  return { name: name as ContractName, version: Number(match[2]) };
}
