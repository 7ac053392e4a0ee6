import type {
  EmulatorClock,
  ExchangeLog,
  Faults,
  ListenOptions,
  MailRequest,
  ServedOverTls,
} from '../kit/index.ts';

/** Names of values that every CRM knows under a name of its own; others are names of properties as they stand there. */
export const COMMON = [
  'prefix',
  'firstName',
  'middleName',
  'lastName',
  'suffix',
  'company',
  'jobTitle',
  'department',
  'email',
  'email2',
  'email3',
  'businessPhone',
  'businessPhone2',
  'homePhone',
  'mobilePhone',
  'street',
  'city',
  'region',
  'postalCode',
  'country',
  'homeStreet',
  'homeCity',
  'homeRegion',
  'homePostalCode',
  'homeCountry',
  'birthday',
  'assistant',
  'manager',
  'notes',
  'webPage',
] as const;
export type CommonName = (typeof COMMON)[number];

/** What a person types: common names, `owner`, and properties that were added. `null` clears. */
export type CrmInput = Readonly<Record<string, string | null | undefined>>;

/** A living contact by common names, blank ones left out. */
export interface CrmRecord {
  readonly id: string;
  /** Native id of its owner. */
  readonly owner: string | null;
  readonly values: Readonly<Record<string, string>>;
}

export interface CrmUserInput {
  readonly email: string;
  /** `Ann Archer`. */
  readonly name: string;
}

/** What a CRM has, where CRMs differ for those who use them. */
export interface CrmTraits {
  /** A company is a record of its own, and only those that exist can be named. */
  readonly companyRecords: boolean;
  /** Records can be hidden from the integration. */
  readonly sharing: boolean;
  /** How long it takes until the integration sees what people wrote, in milliseconds. */
  readonly lagMs: number;
}

/** A write of the connected integration that took effect. */
export interface CrmWrite {
  readonly operation: 'create' | 'update' | 'delete';
  readonly id: string;
}

/** A living event; of a series each date that the CRM keeps. */
export interface CrmEvent {
  readonly id: string;
  /** Native id of its owner. */
  readonly owner: string | null;
  readonly subject: string;
  readonly location: string;
  /** Instant, milliseconds since 1970; of a whole day its midnight in UTC. */
  readonly start: number;
  readonly isAllDay: boolean;
}

/** What a person types into an event. */
export type CrmEventInput = Partial<Pick<CrmEvent, 'subject' | 'location'>>;

/** A write of the connected integration to an event, or (`relate`) to who is on it. */
export interface CrmEventWrite {
  readonly operation: CrmWrite['operation'] | 'relate';
  /** Of the event, or of the relation where that is a record of its own. */
  readonly id: string;
}

/**
 * One emulated CRM with contacts and events of people, whichever it is: set up once as its administrator would, ready for its
 * adapter, used by people under common names. What only one CRM has is at that emulator itself.
 */
export interface EmulatedCrm {
  readonly vendor: CrmVendor;
  /** As people call it. */
  readonly title: string;
  readonly traits: CrmTraits;
  /** Package of the adapter. */
  readonly adapter: string;
  readonly faults: Faults;
  readonly log: ExchangeLog;
  fetch(request: Request): Promise<Response>;
  listen(options?: ListenOptions): Promise<ServedOverTls>;
  /** Options of the adapter for a service at `origin`, whose key pair, where it needs one, is called `key`. */
  options(at: { readonly origin: string; readonly key: string }): Record<string, unknown>;
  /** Takes the certificate (PEM) that the integration signs in with. Without effect where it signs in otherwise. */
  trust(certPem: string): void;
  /** Somebody who works there and owns records; the native id. */
  addUser(user: CrmUserInput): string;
  /** A property of one's own; the name to use in inputs and records, and in a mapping. */
  addProperty(name: string, kind: 'text' | 'email' | 'phone'): string;
  /** Where companies are records; its id. Elsewhere nothing is done. */
  addCompany(name: string): string;
  create(values: CrmInput): string;
  seed(count: number, make: (index: number) => CrmInput): string[];
  update(id: string, values: CrmInput): void;
  /** To the recycle bin, or the archive. */
  remove(id: string): void;
  /** For good. */
  purge(id: string): void;
  /** Two records become one; the id of the result. */
  merge(id: string, other: string): string;
  /** Throws where there is no sharing. */
  setShared(id: string, shared: boolean): void;
  /** Writes of this job title are refused from now on. */
  refuseJobTitle(title: string): void;
  records(): readonly CrmRecord[];
  /** Everything that each living contact holds, one a text: equal texts are equal contacts. */
  picture(): readonly string[];
  /** Writes of the integration to contacts so far. */
  writes(): readonly CrmWrite[];
  /** By start. */
  events(): readonly CrmEvent[];
  updateEvent(id: string, values: CrmEventInput): void;
  eventWrites(): readonly CrmEventWrite[];
  /** Requests that could have made the service send e-mail, also those refused. */
  mailRequests(): readonly MailRequest[];
}

export type CrmVendor = 'salesforce' | 'hubspot';

export interface EmulatedCrmOptions {
  readonly clock: EmulatorClock;
  readonly seed: number;
  /** Name of the org or account. */
  readonly title?: string;
}
