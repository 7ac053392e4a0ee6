import type { FieldValue } from '@tidelock/core';
import { type ModelStore, propertyOf, type Row } from './model-store.ts';

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
  /** Nobody else resembled the two: whoever comes in their place is ours. */
  readonly alone: boolean;
  readonly person: string;
}

/** What users did, and what every side ever showed. */
/**
 * What becomes of a value that one of our writes ran over: `R1` nobody had told us of it; `R2` it was a late request of
 * ours, and the store cannot say so; `restore` a late request that we must recognise and undo (rule Z).
 */
export type Overrun = 'R1' | 'R2' | 'restore';

export interface Ledger {
  readonly tokens: Token[];
  readonly expected: Map<string, ExpectedDelete>;
  /** Creations by users, by store and person. */
  readonly created: Map<string, number>;
  /** Values that were lost to an accepted risk (9.6). */
  residual: number;
  fresh(): string;
  wrote(store: ModelStore, row: Row, property: string): void;
  overwrites(store: ModelStore, row: Row, property: string): void;
  /** What becomes of pairs is not certain any more, nor whether anybody of these rows' persons comes back. */
  unsettles(...rows: readonly Row[]): void;
  /** One more record of the row's person may be about, on any side. */
  released(row: Row): void;
  /** Somebody has edited a late create of ours: it is no return of its person, whose records were deleted (5.7 c). */
  isTheirs(row: Row): void;
  /** Rows that late creates of ours have made. */
  readonly late: Set<Row>;
  /** Rows that go on under another id: nobody brings them back. */
  readonly relocated: Set<Row>;
  /** Persons whose event half of a request has met that was made for another series. */
  readonly torn: Set<string>;
  /** The row goes on as another one: its values are that one's now. */
  moves(store: ModelStore, from: Row, to: Row): void;
  /** A user took the row away, having seen what it showed. */
  removes(store: ModelStore, row: Row, why: string): void;
  /** A write of ours without precondition ran over this value; only the accepted risks end it. */
  ranOver(row: Row, property: string, risk: Overrun): void;
  /** Somebody else changed a row: what its last change was is not known any more. */
  disturbed(row: Row): void;
  shows(store: ModelStore, row: Row): void;
  everShown(store: ModelStore, property: string, value: FieldValue): boolean;
}

export const norm = (value: FieldValue | undefined): string =>
  typeof value === 'string' ? value.trim().replace(/\s+/g, ' ').toLowerCase() : '';

/** Tokens are short, so that the narrowest field keeps them whole. */
export const tokenIn = (value: FieldValue | undefined): string | null =>
  typeof value === 'string' ? (/T\d+\./.exec(value)?.[0] ?? null) : null;

/** The number of a row's person, whichever side it is on. */
export const personOf = (row: Row): string =>
  /\d+/.exec(String(row.fields[propertyOf('b', 'last')] ?? row.fields[propertyOf('a', 'last')]))?.[0] ?? '';

/** Every value that a property of a store ever showed. */
function createShown(): Pick<Ledger, 'shows' | 'everShown'> {
  const shown = new Map<ModelStore, Map<string, Set<FieldValue>>>();
  const shownBy = (store: ModelStore): Map<string, Set<FieldValue>> => {
    const known = shown.get(store) ?? new Map<string, Set<FieldValue>>();
    shown.set(store, known);
    return known;
  };
  return {
    shows(store, row) {
      const values = shownBy(store);
      for (const property in row.fields) {
        const value = row.fields[property] ?? null;
        const known = values.get(property);
        if (known === undefined) values.set(property, new Set([value]));
        else known.add(value);
      }
    },
    everShown(store, property, value) {
      const values = shownBy(store).get(property);
      if (values === undefined) return norm(value) === '';
      return values.has(value) || [...values].some((known) => norm(known) === norm(value));
    },
  };
}

/** What has to be gone at rest, and what makes that uncertain. */
function createExpected(): Pick<Ledger, 'expected' | 'isTheirs' | 'unsettles'> {
  const expected = new Map<string, ExpectedDelete>();
  return {
    expected,
    isTheirs(row) {
      const person = personOf(row);
      for (const [key, wanted] of expected)
        if (wanted.person === person) expected.set(key, { ...wanted, alone: false });
    },
    unsettles(...rows) {
      for (const key of expected.keys()) if (!key.startsWith('nobody ')) expected.delete(key);
      for (const row of rows) expected.delete(`nobody ${personOf(row)}`);
    },
  };
}

/** `onRisk`: an accepted risk has ended a value. */
export function createLedger(onRisk: (risk: 'R1' | 'R2') => void = () => {}): Ledger {
  let given = 0;
  const byText = new Map<string, Token>();
  const end = (token: Token | undefined, why: string): void => {
    if (token !== undefined) token.ended ??= why;
  };
  const endShown = (row: Row, property: string, why: string): void => {
    const text = tokenIn(row.fields[property]);
    if (text !== null) end(byText.get(text), why);
  };
  /** Values that a late write of ours took the place of, until the row is changed by somebody else. */
  const displaced = new Map<Row, { property: string; token: Token }[]>();
  const accept = (token: Token, risk: 'R1' | 'R2'): void => {
    end(token, risk);
    onRisk(risk);
    ledger.residual++;
  };
  const ledger: Ledger = {
    tokens: [],
    created: new Map(),
    residual: 0,
    ...createExpected(),
    released(row) {
      const key = `released ${personOf(row)}`;
      ledger.created.set(key, (ledger.created.get(key) ?? 0) + 1);
    },
    ...{ late: new Set(), relocated: new Set(), torn: new Set() },
    moves(store, from, to) {
      ledger.relocated.add(from);
      for (const token of ledger.tokens)
        if (token.store === store && token.id === from.id) Object.assign(token, { id: to.id });
    },
    fresh: () => `T${++given}.`,
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
      ledger.expected.delete(`nobody ${personOf(row)}`);
    },
    removes(store, row, why) {
      for (const property of Object.keys(row.fields)) endShown(row, property, why);
      for (const token of ledger.tokens) if (token.store === store && token.id === row.id) end(token, why);
    },
    ranOver(row, property, risk) {
      const text = tokenIn(row.fields[property]);
      const token = text === null ? undefined : byText.get(text);
      if (token === undefined || token.ended !== null) return;
      if (risk === 'restore') displaced.set(row, [...(displaced.get(row) ?? []), { property, token }]);
      else accept(token, risk);
    },
    disturbed(row) {
      for (const { property, token } of displaced.get(row) ?? [])
        if (token.ended === null && tokenIn(row.fields[property]) !== token.text) accept(token, 'R2');
      displaced.delete(row);
    },
    ...createShown(),
  };
  return ledger;
}
