// What a request for a page asks for: two programs that are compared have to ask for the same.

/** Requests by what they ask for: kind, fields in the order of their letters, size of a page. */
export type Pages = Readonly<Record<string, number>>;

const sorted = (fields: string): string => fields.split(',').toSorted().join(',');

/** Null: it names no fields. A page behind another one mostly does not: it goes on with what the first one asked for. */
export function pageOf(url: string): string | null {
  const { pathname, searchParams } = new URL(url, 'https://service.invalid');
  const select = searchParams.get('$select');
  if (select !== null) {
    const kind = pathname.split('/').slice(4).join('/');
    return [kind, sorted(select), searchParams.get('$top'), searchParams.get('$expand')]
      .filter((part) => part !== null)
      .join(' ');
  }
  const [, fields, object] = /^SELECT (\S+) FROM (\w+)/.exec(searchParams.get('q') ?? '') ?? [];
  if (fields === undefined) return null;
  const limit = /LIMIT \d+$/.exec(searchParams.get('q') ?? '')?.[0] ?? '';
  return `${pathname.split('/').at(-1)} ${object} ${sorted(fields)} ${limit}`;
}

/** Fewer than this are the sync's own: who the owner is, what the newest row is, which companies there are. */
const FEW = 10;
/** Share of the sync's pages that the pump reads at least: a sync looks once more where something may have come late. */
const SHARE = 0.8;

const isOfContacts = (page: string): boolean => /^contacts|\bContact\b/.test(page);

/** What one asks for and the other does not, in words; empty = they read the same pages. */
export function differencesOf(of: { readonly pump: Pages; readonly sync: Pages }): readonly string[] {
  const { pump, sync } = of;
  const foreign = Object.keys(pump).filter((page) => isOfContacts(page) && sync[page] === undefined);
  const left = Object.entries(sync).filter(
    ([page, count]) => count >= FEW && isOfContacts(page) && (pump[page] ?? 0) < count * SHARE,
  );
  return [
    ...foreign.map((page) => `only the pump reads: ${page}`),
    ...left.map(([page, count]) => `of ${count} the pump reads ${pump[page] ?? 0}: ${page}`),
  ];
}
