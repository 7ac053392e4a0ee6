import type { FieldValue } from '@tidelock/core';
import type { ModelStore, Row } from './model-store.ts';

/** A value that a user wrote; unique in its world, so that losing it can be seen. */
export interface Token {
  readonly text: string;
  readonly store: ModelStore;
  readonly id: string;
  readonly property: string;
  /** Why it need not be found any more; null = it must be somewhere. */
  ended: string | null;
}

/** A record that a user deleted while its partner was in step: the partner must go too (L3). */
export interface ExpectedDelete {
  readonly store: ModelStore;
  readonly id: string;
  readonly partner: string;
}

/** What users did, and what every side ever showed. */
export interface Ledger {
  readonly tokens: Token[];
  readonly expected: Map<string, ExpectedDelete>;
  /** Creations by users, by store and person. */
  readonly created: Map<string, number>;
  residual: number;
  fresh(): string;
  wrote(store: ModelStore, row: Row, property: string): void;
  overwrites(store: ModelStore, row: Row, property: string): void;
  /** A user took the row away, having seen what it showed. */
  removes(store: ModelStore, row: Row, why: string): void;
  /** One of our writes without precondition ran over a value that it was not based on (R1). */
  ranOver(store: ModelStore, row: Row, property: string): void;
  shows(store: ModelStore, row: Row): void;
  everShown(store: ModelStore, property: string, value: FieldValue): boolean;
}

export const norm = (value: FieldValue | undefined): string =>
  typeof value === 'string' ? value.trim().replace(/\s+/g, ' ').toLowerCase() : '';

/** Tokens are short, so that the narrowest field keeps them whole. */
export const tokenIn = (value: FieldValue | undefined): string | null =>
  typeof value === 'string' ? (/T\d+\./.exec(value)?.[0] ?? null) : null;

export function createLedger(): Ledger {
  const byText = new Map<string, Token>();
  const shown = new Map<string, Set<string>>();
  const end = (token: Token | undefined, why: string): void => {
    if (token !== undefined) token.ended ??= why;
  };
  const endShown = (row: Row, property: string, why: string): void => {
    const text = tokenIn(row.fields[property]);
    if (text !== null) end(byText.get(text), why);
  };
  const ledger: Ledger = {
    tokens: [],
    expected: new Map(),
    created: new Map(),
    residual: 0,
    fresh: () => `T${ledger.tokens.length + 1}.`,
    wrote(store, row, property) {
      const text = tokenIn(row.fields[property]);
      if (text === null || byText.has(text)) return;
      const token: Token = { text, store, id: row.id, property, ended: null };
      ledger.tokens.push(token);
      byText.set(text, token);
    },
    overwrites(store, row, property) {
      endShown(row, property, 'overwritten by a user who saw it');
      for (const token of ledger.tokens) {
        if (token.store === store && token.id === row.id && token.property === property)
          end(token, 'overwritten on the same record');
      }
      for (const [key, wanted] of ledger.expected)
        if (wanted.partner === row.id || wanted.id === row.id) ledger.expected.delete(key);
    },
    removes(store, row, why) {
      for (const property of Object.keys(row.fields)) endShown(row, property, why);
      for (const token of ledger.tokens) if (token.store === store && token.id === row.id) end(token, why);
    },
    ranOver(_store, row, property) {
      const text = tokenIn(row.fields[property]);
      const token = text === null ? undefined : byText.get(text);
      if (token === undefined || token.ended !== null) return;
      end(token, 'R1');
      ledger.residual++;
    },
    shows(store, row) {
      for (const [property, value] of Object.entries(row.fields)) {
        const key = `${store.name} ${property}`;
        const values = shown.get(key) ?? new Set();
        shown.set(key, values.add(norm(value)));
      }
    },
    everShown: (store, property, value) =>
      shown.get(`${store.name} ${property}`)?.has(norm(value)) ?? norm(value) === '',
  };
  return ledger;
}
