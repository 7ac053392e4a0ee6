const REGION = /<!-- generated:([a-z-]+) -->\n[\s\S]*?<!-- \/generated -->/g;

/**
 * A Markdown page with its generated regions filled anew. A region stands between `<!-- generated:name -->` and
 * `<!-- /generated -->`. Throws for a name that nobody fills.
 */
export function fillRegions(page: string, values: Readonly<Record<string, string>>): string {
  return page.replaceAll(REGION, (_region, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nothing fills the region "${name}"`);
    return `<!-- generated:${name} -->\n${value}\n<!-- /generated -->`;
  });
}

/** Names of the regions of a page, in order. */
export function regionsOf(page: string): string[] {
  return [...page.matchAll(REGION)].map(([, name = '']) => name);
}
