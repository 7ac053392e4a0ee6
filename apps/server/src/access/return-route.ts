import { AccessRefusal, RETURN_PATH } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import { asked, type Entrance, setCookies } from './request.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

/** For somebody whom a sign-in service has sent back, and who does not come in. */
const page = ({ message, remedy }: AccessRefusal): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not signed in</title></head>
<body><main><h1>Not signed in</h1><p>${escaped(message)}</p><p>${escaped(remedy)}</p><p><a href="/">Go on</a></p></main></body></html>
`;

/** Where sign-in services send browsers back to. A GET by its nature: what proves it is the state, which works once. */
export function returnRoute(app: FastifyInstance, { access, caller }: Entrance): void {
  app.get(RETURN_PATH, { config: { role: 'public' }, schema: { hide: true } }, async (request, reply) => {
    const at = request.url.indexOf('?');
    const search = at < 0 ? '' : request.url.slice(at);
    reply.header('cache-control', 'no-store');
    try {
      const { cookies } = await access.provider.end(caller(request), search);
      return setCookies(reply, cookies).code(303).header('location', '/').send();
    } catch (error) {
      if (!(error instanceof AccessRefusal) || error.code === 'too-many')
        return asked(() => Promise.reject(error));
      return reply.code(error.status).type('text/html; charset=utf-8').send(page(error));
    }
  });
}
