import type { ContactContent } from './contact-content.ts';

/** Where look-ups by one exact value start, so that finding one person does not cost a walk through the mailbox. */
export interface ContactIndex<T> {
  readonly byKey: Map<string, Set<T>>;
}

interface Indexed {
  readonly content: ContactContent;
  readonly extended: ReadonlyMap<string, string>;
}

export const createContactIndex = <T>(): ContactIndex<T> => ({ byKey: new Map() });

export const emailKey = (address: string): string => `email ${address.toLowerCase()}`;

export const extendedValueKey = (id: string, value: string): string =>
  `extended ${id} ${value.toLowerCase()}`;

const keysOf = ({ content, extended }: Indexed): string[] => [
  ...content.emailAddresses.map((email) => emailKey(email.address)),
  ...[...extended].map(([id, value]) => extendedValueKey(id, value)),
];

export function addToIndex<T extends Indexed>(index: ContactIndex<T>, contact: T): void {
  for (const key of keysOf(contact)) {
    const known = index.byKey.get(key);
    if (known === undefined) index.byKey.set(key, new Set([contact]));
    else known.add(contact);
  }
}

/** Before its content changes, or when it is gone. */
export function removeFromIndex<T extends Indexed>(index: ContactIndex<T>, contact: T): void {
  for (const key of keysOf(contact)) {
    const known = index.byKey.get(key);
    known?.delete(contact);
    if (known?.size === 0) index.byKey.delete(key);
  }
}
