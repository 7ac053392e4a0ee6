import type { Clock, Logger } from '@tidelock/core';
import type { ConfigEditor, LivePlatform, Push, Runner, Workroom } from '@tidelock/host';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Principal } from './principal.ts';

/** How the server knows who asks, and whether a request is the page's own. */
export interface Access {
  /**
   * Null: nobody that is known, at once where nobody is to be asked. Throws `Refusal` for a credential that must not go on, or a
   * request of another site.
   */
  authenticate(request: FastifyRequest): Promise<Principal | null> | null;
  /** Its own routes: signing in and out, users, tokens. */
  routes(app: FastifyInstance): void;
}

/** Everything that routes are made of. */
export interface ServerParts {
  /** The platform of the moment (`now`, `use`), and secret store and state, which are there also before a tenant is connected. */
  readonly live: LivePlatform;
  /** Work that takes longer than somebody waits for an answer. Closed by whoever opened it, before the platform. */
  readonly work: Workroom;
  readonly editor: ConfigEditor;
  readonly access: Access;
  /** What works on mailboxes in this process. Absent: others do, and what goes on there is not known here. */
  readonly runner?: Runner | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Address of this installation as browsers know it, without a path: `https://tidelock.example`. Never from a request. */
  readonly origin: string;
  /** What services push to. Absent: they push nothing here. */
  readonly push?: Push | undefined;
  /** `operations`: health and metrics, and nothing else. Default: everything. */
  readonly surface?: 'everything' | 'operations' | undefined;
  /** Folder of the built page; null: the server has none. */
  readonly page: string | null;
  /** What keeps the server from doing its work at this moment; empty = ready. */
  readiness(): readonly string[];
}
