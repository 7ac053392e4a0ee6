import { type EventsShown, eventPanelBody, eventPanelScript } from './event-panel.ts';
import { renderPage } from './page.ts';

type Json = Record<string, unknown>;

/** Contacts as the page shows them. */
export interface ContactsShown {
  readonly total: number;
  readonly found: number;
  /** The latest of those that were found, {@link SHOWN} at the most. */
  readonly contacts: readonly unknown[];
}

/** How many contacts the page shows at once; the search narrows them down. */
export const SHOWN = 200;

/** What stands behind a page of contacts. Changes made on it are acts of a person. */
export interface ContactPageBackEnd {
  readonly title: string;
  readonly subtitle: string;
  readonly bodyHtml: string;
  readonly script: string;
  /** What ids look like in addresses. */
  readonly idPattern: string;
  /** Grows with every change. */
  version(): number;
  /** `search`: lower case, trimmed, may be empty. */
  show(search: string): ContactsShown;
  /** For a table of events below the contacts; they are shown, and changed elsewhere. */
  showEvents(): EventsShown;
  create(fields: Json): string;
  update(id: string, fields: Json): void;
  remove(id: string): void;
  /** Status and words of a refusal of the service; undefined for any other error. */
  refusalOf(error: unknown): { readonly status: number; readonly message: string } | undefined;
}

const reply = (status: number, body: unknown): Response =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store' } });

function list(of: ContactPageBackEnd, query: URLSearchParams): Response {
  const version = of.version();
  if (query.get('since') === String(version)) return reply(200, { version, unchanged: true });
  return reply(200, { version, ...of.show((query.get('search') ?? '').trim().toLowerCase()) });
}

function listEvents(of: ContactPageBackEnd, query: URLSearchParams): Response {
  const version = of.version();
  if (query.get('since') === String(version)) return reply(200, { version, unchanged: true });
  return reply(200, { version, ...of.showEvents() });
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields come as JSON, so that no foreign page can post them. */
async function change(of: ContactPageBackEnd, request: Request, id: string): Promise<Response> {
  if (request.method === 'DELETE') {
    of.remove(id);
    return reply(200, { id });
  }
  if (!/^application\/json\b/.test(request.headers.get('content-type') ?? ''))
    return reply(415, { message: 'JSON only' });
  const fields: unknown = await request.json().catch(() => undefined);
  if (!isObject(fields)) return reply(400, { message: 'The form did not arrive as JSON' });
  if (request.method === 'PATCH') {
    of.update(id, fields);
    return reply(200, { id });
  }
  return reply(201, { id: of.create(fields) });
}

/** `GET /` and its back end below `/_emulator/`. */
export function createContactPage(of: ContactPageBackEnd): (request: Request) => Promise<Response> {
  const html = renderPage({
    ...of,
    bodyHtml: of.bodyHtml + eventPanelBody,
    script: of.script + eventPanelScript,
  });
  const place = new RegExp(`^/_emulator/contacts(?:/(${of.idPattern}))?$`);
  const contacts = async (request: Request, id: string | undefined): Promise<Response> => {
    if (request.method === 'GET') return list(of, new URL(request.url).searchParams);
    if ((request.method === 'POST') !== (id === undefined))
      return reply(405, { message: 'Not possible here' });
    try {
      return await change(of, request, id ?? '');
    } catch (error) {
      const refusal = of.refusalOf(error);
      if (refusal === undefined) throw error;
      return reply(refusal.status, { message: refusal.message });
    }
  };
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/')
      return new Response(html, { headers: { 'content-type': 'text/html;charset=UTF-8' } });
    if (pathname === '/_emulator/events' && request.method === 'GET') return listEvents(of, searchParams);
    const id = place.exec(pathname);
    return id === null ? reply(404, { message: 'There is no such page' }) : await contacts(request, id[1]);
  };
}
