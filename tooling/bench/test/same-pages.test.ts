import { describe, expect, it } from 'vitest';
import { differencesOf, pageOf } from '../src/same-pages.ts';

const DELTA = 'https://graph.example/v1.0/users/u1/contacts/delta';
const soql = (q: string, resource = 'query'): string =>
  `/services/data/v66.0/${resource}?${new URLSearchParams({ q })}`;

describe('what a page asks for', () => {
  it('is told by its kind, its fields in any order, its size and what it expands', () => {
    expect(pageOf(`${DELTA}?$select=title,id`)).toBe('contacts/delta id,title');
    expect(pageOf(`${DELTA}?$select=id,title`)).toBe('contacts/delta id,title');
    const listing = 'https://graph.example/v1.0/users/u2/contacts?$top=250&$count=true&$select=id&$expand=x';
    expect(pageOf(listing)).toBe('contacts id 250 x');
    expect(pageOf(soql("SELECT Name,Id FROM Contact WHERE Id > 'a' ORDER BY Id LIMIT 500"))).toBe(
      'query Contact Id,Name LIMIT 500',
    );
    expect(pageOf(soql('SELECT Id FROM Contact', 'queryAll'))).toBe('queryAll Contact Id ');
  });

  it('is unknown of a page that goes on with what another one asked for', () => {
    expect(pageOf(`${DELTA}?$skiptoken=abc`)).toBeNull();
    expect(pageOf('/services/data/v66.0/query/01g-2000')).toBeNull();
  });
});

describe('two programs that are compared', () => {
  const page = 'query Contact Id,Name LIMIT 500';
  const few = 'query User Id ';

  it('differ in nothing where both ask for the same, but for a few more looks and what only a sync has to know', () => {
    expect(differencesOf({ pump: { [page]: 41 }, sync: { [page]: 49, [few]: 1 } })).toEqual([]);
    expect(differencesOf({ pump: { 'query Account Id,Name ': 4 }, sync: {} })).toEqual([]);
  });

  it('differ where one asks for fewer fields', () => {
    const less = 'query Contact Id LIMIT 500';
    expect(differencesOf({ pump: { [less]: 41 }, sync: { [page]: 41 } })).toEqual([
      `only the pump reads: ${less}`,
      `of 41 the pump reads 0: ${page}`,
    ]);
  });

  it('differ where one asks less often', () => {
    expect(differencesOf({ pump: { [page]: 300 }, sync: { [page]: 400 } })).toEqual([
      `of 400 the pump reads 300: ${page}`,
    ]);
  });
});
