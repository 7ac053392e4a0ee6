import { type IncomingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of a JSON answer; null otherwise. */
  readonly body: Record<string, unknown> | null;
  readonly cookies: readonly string[];
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** As it is, instead of JSON. */
  readonly raw?: string;
}

/** One request over a socket, with exactly the headers given. */
export function send(
  origin: string,
  path: string,
  { method = 'GET', headers = {}, body, raw }: Ask,
): Promise<Answer> {
  const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const given = Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const all: Record<string, string> = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
    ...Object.fromEntries(given),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${origin}${path}`, { method, headers: all }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const found = Buffer.concat(parts).toString();
        const isJson = /^application\/(problem\+)?json/.test(answer.headers['content-type'] ?? '');
        resolve({
          ...{ status: answer.statusCode ?? 0, headers: answer.headers, text: found },
          body: isJson && found !== '' ? (JSON.parse(found) as Record<string, unknown>) : null,
          cookies: answer.headers['set-cookie'] ?? [],
        });
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

/** A browser at the page: keeps cookies, says where its requests come from, and sends the token of its session. */
export interface Browser {
  readonly jar: Map<string, string>;
  csrf: string;
  ask(path: string, more?: Ask): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Ask['headers']): Promise<Answer>;
}

export function createBrowser(origin: string, base: Readonly<Record<string, string>> = {}): Browser {
  const jar = new Map<string, string>();
  const keep = ({ cookies, body }: Answer): void => {
    for (const line of cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    if (typeof body?.csrf === 'string') browser.csrf = body.csrf;
  };
  const browser: Browser = {
    jar,
    csrf: '',
    async ask(path, more = {}) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const own = { ...base, ...(cookie === '' ? {} : { cookie }), 'sec-fetch-site': 'same-origin' };
      const answer = await send(origin, path, { ...more, headers: { ...own, ...more.headers } });
      keep(answer);
      return answer;
    },
    post(path, body = {}, headers = {}) {
      const token = browser.csrf === '' ? {} : { 'x-tidelock-csrf': browser.csrf };
      return browser.ask(path, { method: 'POST', body, headers: { ...token, ...headers } });
    },
  };
  return browser;
}
