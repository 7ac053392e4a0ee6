// What the bare pump writes: the same fields as the sync.

export type Row = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Where new contacts go, and with which company. */
export interface Target {
  readonly owner: string;
  readonly accounts: ReadonlyMap<unknown, unknown>;
}

export function toCrm(row: Row, { owner, accounts }: Target): Row {
  const address = (row.businessAddress ?? {}) as Readonly<Record<string, unknown>>;
  const [email] = (row.emailAddresses ?? []) as readonly { readonly address: string }[];
  const [phone] = (row.businessPhones ?? []) as readonly string[];
  return {
    attributes: { type: 'Contact' },
    FirstName: text(row.givenName),
    LastName: text(row.surname),
    Title: text(row.jobTitle),
    Email: email?.address,
    Phone: phone,
    MobilePhone: text(row.mobilePhone),
    MailingStreet: text(address.street),
    MailingCity: text(address.city),
    MailingState: text(address.state),
    MailingPostalCode: text(address.postalCode),
    MailingCountry: text(address.countryOrRegion),
    Description: text(row.personalNotes),
    AccountId: accounts.get(row.companyName),
    OwnerId: owner,
    TidelockKey__c: crypto.randomUUID(),
  };
}

export function toContact(row: Row): Row {
  return {
    givenName: row.FirstName,
    surname: row.LastName,
    displayName: `${row.FirstName} ${row.LastName}`,
    companyName: (row.Account as { Name: string } | null)?.Name,
    jobTitle: row.Title,
    emailAddresses: [{ address: row.Email, name: `${row.FirstName} ${row.LastName}` }],
    businessPhones: [row.Phone],
    mobilePhone: row.MobilePhone,
    businessAddress: {
      street: row.MailingStreet,
      city: row.MailingCity,
      state: row.MailingState,
      postalCode: row.MailingPostalCode,
      countryOrRegion: row.MailingCountry,
    },
    personalNotes: row.Description,
    singleValueExtendedProperties: [
      {
        id: 'String {6f1a5c0e-2f7b-4b0a-9c57-41d6c8e3b2a9} Name TidelockStamp',
        value: crypto.randomUUID(),
      },
    ],
  };
}
