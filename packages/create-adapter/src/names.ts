/** A request that cannot be carried out: the thing, the reason, the remedy. */
export class ScaffoldError extends Error {
  override readonly name = 'ScaffoldError';
  readonly reason: string;
  readonly remedy: string;

  constructor(thing: string, of: { readonly reason: string; readonly remedy: string }) {
    super(`${thing}: ${of.reason}`);
    this.reason = of.reason;
    this.remedy = of.remedy;
  }
}

export interface AdapterNames {
  /** `@acme/crm-zoho-bigin`, as npm knows it. */
  readonly packageName: string;
  /** `crm-zoho-bigin`. */
  readonly folder: string;
  /** `zoho-bigin`. */
  readonly vendor: string;
  /** `ZohoBigin`. */
  readonly pascal: string;
}

/** Contracts whose adapters can be scaffolded. The word before the dash is the contract. */
export const CONTRACTS = ['crm'] as const;
const KNOWN = ['crm', 'mailbox', 'token', 'secrets', 'state'];
const NAME = /^(?:(@[a-z0-9][a-z0-9._-]*)\/)?([a-z][a-z0-9]*)((?:-[a-z0-9]+)*)$/;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `scope`: taken where the name has none (`@tidelock`). Throws `ScaffoldError`. */
export function parseName(name: string, scope?: string): AdapterNames {
  const match = NAME.exec(name);
  if (match === null) {
    throw new ScaffoldError(`"${name}"`, {
      reason: 'is no name of a package',
      remedy: 'Use small letters, digits and dashes: crm-acme, or @you/crm-acme.',
    });
  }
  const [, given, contract = '', rest = ''] = match;
  const vendor = rest.slice(1);
  if (!CONTRACTS.some((each) => each === contract)) {
    throw new ScaffoldError(`"${name}"`, {
      reason: KNOWN.includes(contract)
        ? `there is no template for the contract ${contract} yet`
        : 'does not begin with a contract and a dash',
      remedy: `The word before the dash is the contract: ${CONTRACTS.map((each) => `${each}-acme`).join(', ')}.`,
    });
  }
  if (vendor === '' || !/^[a-z]/.test(vendor)) {
    throw new ScaffoldError(`"${name}"`, {
      reason: 'names no vendor that could stand in the code',
      remedy: 'Begin it with a letter: crm-acme.',
    });
  }
  const folder = `${contract}-${vendor}`;
  const prefix = given ?? scope;
  return {
    packageName: prefix === undefined ? folder : `${prefix}/${folder}`,
    folder,
    vendor,
    pascal: vendor.split('-').map(capital).join(''),
  };
}
