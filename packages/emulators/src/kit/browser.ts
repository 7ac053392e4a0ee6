/** What a person sees: an address that was opened at last, and what stands there. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A person at a browser: follows redirects, keeps cookies by host, posts the form of a page. */
export interface Browser {
  /** The present page; throws before anything was opened. */
  readonly page: Page;
  /** Every address that was asked for, redirects included, oldest first. */
  readonly visited: readonly URL[];
  open(url: string | URL): Promise<Page>;
  /** Posts the present page's form to where its `action` points, else to the page's own address. */
  submit(fields: Readonly<Record<string, string>>): Promise<Page>;
  /** Redirects to addresses that `stop` accepts are not followed: `page.url` is that address then, with status 0. */
  stopAt(stop: ((url: URL) => boolean) | null): void;
  /** Name and value by host. */
  readonly cookies: Map<string, Map<string, string>>;
}

type Send = (url: string, init: RequestInit) => Promise<Response>;

const MOST_HOPS = 12;

/** By host without its port, as browsers do. */
function createJar() {
  const cookies = new Map<string, Map<string, string>>();
  return {
    cookies,
    header: ({ hostname }: URL): Record<string, string> => {
      const own = cookies.get(hostname);
      if (own === undefined || own.size === 0) return {};
      return { cookie: [...own].map(([name, value]) => `${name}=${value}`).join('; ') };
    },
    keep({ hostname }: URL, headers: Headers): void {
      const own = cookies.get(hostname) ?? new Map<string, string>();
      cookies.set(hostname, own);
      for (const line of headers.getSetCookie()) {
        const [, name, value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
        if (name === undefined) continue;
        if (/;\s*max-age=0\b/i.test(line)) own.delete(name);
        else own.set(name, value);
      }
    },
  };
}

const decode = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** Hidden inputs of the page's first form and where it goes. */
function formOf({ text, url }: Page): { action: URL; hidden: Record<string, string> } {
  const [, attributes = '', inside = ''] = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(text) ?? [];
  const action = /\baction="([^"]*)"/.exec(attributes)?.[1];
  const hidden: Record<string, string> = {};
  for (const [input] of inside.matchAll(/<input\b[^>]*\btype="hidden"[^>]*>/g)) {
    const name = /\bname="([^"]*)"/.exec(input)?.[1];
    if (name !== undefined) hidden[decode(name)] = decode(/\bvalue="([^"]*)"/.exec(input)?.[1] ?? '');
  }
  return { action: action === undefined ? url : new URL(decode(action), url), hidden };
}

export function createBrowser(send: Send): Browser {
  const jar = createJar();
  const visited: URL[] = [];
  let present: Page | undefined;
  let stop: ((url: URL) => boolean) | null = null;

  const go = async (first: URL, init: RequestInit): Promise<Page> => {
    let [url, request] = [first, init];
    for (let hop = 0; hop < MOST_HOPS; hop += 1) {
      visited.push(url);
      const headers = { ...(request.headers as Record<string, string>), ...jar.header(url) };
      const response = await send(url.href, { ...request, headers, redirect: 'manual' });
      jar.keep(url, response.headers);
      const target = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || target === null) {
        const { status } = response;
        present = { url, status, headers: response.headers, text: await response.text() };
        return present;
      }
      await response.body?.cancel();
      url = new URL(target, url);
      request = { method: 'GET' };
      if (stop?.(url)) {
        present = { url, status: 0, headers: new Headers(), text: '' };
        return present;
      }
    }
    throw new Error('the browser was redirected too often');
  };

  const page = (): Page => {
    if (present === undefined) throw new Error('no page was opened yet');
    return present;
  };
  return {
    get page() {
      return page();
    },
    visited,
    cookies: jar.cookies,
    stopAt(given) {
      stop = given;
    },
    open: (url) => go(new URL(url), { method: 'GET' }),
    submit(fields) {
      const { action, hidden } = formOf(page());
      const { origin } = page().url;
      return go(action, {
        method: 'POST',
        body: new URLSearchParams({ ...hidden, ...fields }).toString(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin,
          'sec-fetch-site': action.origin === origin ? 'same-origin' : 'cross-site',
        },
      });
    },
  };
}
