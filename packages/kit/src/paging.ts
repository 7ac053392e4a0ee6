import { AdapterError } from '@tidelock/core';

const MAX_PAGES = 50_000;
const SAME_IN_A_ROW = 3;

export interface PageGuard {
  /**
   * Call once per page received. `cursor`: where the server says to go on. `fingerprint`: a digest of the page's
   * items, empty for a page without items. Throws `protocol`, code `endless-pages`.
   */
  check(page: { readonly cursor: string; readonly fingerprint: string }): void;
}

/** Ends a chain of pages that leads nowhere: a cursor seen before, the same page again and again, too many pages. */
export function createPageGuard(options: {
  readonly operation: string;
  readonly maxPages?: number;
}): PageGuard {
  const { operation, maxPages = MAX_PAGES } = options;
  const cursors = new Set<string>();
  let last = '';
  let repeated = 0;
  let pages = 0;

  const fail = (reason: string): never => {
    throw new AdapterError('protocol', `${operation}: ${reason}`, { operation, code: 'endless-pages' });
  };

  return {
    check({ cursor, fingerprint }) {
      pages += 1;
      if (pages > maxPages) fail(`more than ${maxPages} pages`);
      if (cursors.has(cursor)) fail('a cursor came twice');
      cursors.add(cursor);
      repeated = fingerprint !== '' && fingerprint === last ? repeated + 1 : 1;
      last = fingerprint;
      if (repeated >= SAME_IN_A_ROW) fail(`the same page came ${SAME_IN_A_ROW} times`);
    },
  };
}
