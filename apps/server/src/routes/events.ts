import { Readable } from 'node:stream';
import { createEventFeed, type EventFeed, type FeedEvent, type Job } from '@tidelock/host';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { Refusal } from '../problem.ts';

/** Streams that are open at a time, of all who are signed in. */
const MOST = 200;
/** Bytes that somebody may be behind; who reads no faster is cut off and goes on with the last id. */
const MOST_BEHIND = 1_048_576;
/** A line that says nothing, so that proxies keep the connection, and a look whether who listens still may (milliseconds). */
const BEAT_MS = 15_000;

const Query = z.strictObject({
  after: z.coerce.number().int().min(0).optional().meta({
    description: 'Id of the last event that was seen; the header Last-Event-ID says the same and goes first.',
  }),
});

const lineOf = ({ id, at, of }: FeedEvent): string =>
  `id: ${id}\nevent: ${of.type}\ndata: ${JSON.stringify({ at, ...of })}\n\n`;

/** Something was missed: whoever shows the state reads it anew. */
const MISSED = 'event: missed\ndata: {}\n\n';

function lastSeen(request: FastifyRequest, after: number | undefined): number | null {
  const header = request.headers['last-event-id'];
  const said = typeof header === 'string' && /^\d{1,16}$/.test(header) ? Number(header) : undefined;
  return said ?? after ?? null;
}

interface Open {
  readonly stream: Readable;
  end(): void;
}

function openStream(feed: EventFeed, from: number | null, ended: (open: Open) => void): Open {
  const stream = new Readable({ read() {} });
  const write = (text: string): void => {
    if (stream.readableLength > MOST_BEHIND) stream.destroy();
    else stream.push(text);
  };
  const { events, complete } = feed.after(from);
  write('retry: 2000\n\n');
  if (!complete) write(MISSED);
  for (const event of events) write(lineOf(event));
  const leave = feed.listen((event) => write(lineOf(event)));
  const beat = setInterval(() => write(': still here\n\n'), BEAT_MS);
  const open: Open = { stream, end: () => void stream.push(null) };
  stream.once('close', () => {
    leave();
    clearInterval(beat);
    ended(open);
  });
  return open;
}

/** Ends the stream of somebody who was signed out, or whose token ended, meanwhile. */
function watchRights(request: FastifyRequest, open: Open, { access }: ServerParts): void {
  const check = setInterval(async () => {
    const principal = await Promise.resolve(access.authenticate(request)).catch(() => null);
    if (principal === null) open.end();
  }, BEAT_MS * 2);
  open.stream.once('close', () => clearInterval(check));
}

function tellJob(feed: EventFeed, { id: jobId, kind, state, progress }: Job): void {
  const { mailbox = null, phase = null, done = 0, total = null } = progress ?? {};
  feed.publish({ type: 'job', jobId, kind, state, mailbox, phase, done, total });
}

/** What goes on, as it happens: server-sent events. */
export function eventRoutes(app: FastifyInstance, parts: ServerParts): void {
  const events = parts.runner?.events ?? createEventFeed(parts.clock);
  const streams = new Set<Open>();
  const leave = parts.work.jobs.onChange((job) => tellJob(events, job));
  const routes = app.withTypeProvider<ZodTypeProvider>();
  app.addHook('preClose', async () => {
    leave();
    for (const open of streams) open.end();
  });
  const answer = (request: FastifyRequest, reply: FastifyReply, from: number | null): FastifyReply => {
    if (streams.size >= MOST)
      throw new Refusal(503, `${MOST} streams are open; there is room for no more.`, {
        ...{ code: 'streams', retryAfter: 30, remedy: 'Close pages that nobody looks at, and try again.' },
      });
    const open = openStream(events, from, (closed) => streams.delete(closed));
    streams.add(open);
    watchRights(request, open, parts);
    return reply
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .type('text/event-stream; charset=utf-8')
      .send(open.stream);
  };
  routes.get(
    `${API}/events`,
    {
      config: { role: 'viewer', background: true },
      schema: {
        ...{ tags: ['operations'], summary: 'What goes on, as it happens (server-sent events).' },
        description:
          'Event names: run.started, run.progress, run.ended, item, review.opened, hold, error, lag, key, roster, job, runner; ' +
          '`missed`: ' +
          'something was missed, so read the state anew. A connection that was lost goes on with Last-Event-ID.',
        querystring: Query,
        response: { 200: z.string().meta({ description: 'text/event-stream' }) },
      },
    },
    (request, reply) => {
      answer(request, reply, lastSeen(request, request.query.after));
    },
  );
}
