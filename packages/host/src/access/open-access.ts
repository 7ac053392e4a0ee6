import { type Foundation, openFoundation } from '../live/foundation.ts';
import type { PlatformOptions } from '../platform.ts';
import { type Access, createAccess } from './access.ts';

/** Where the way in is not about browsers, nothing is said under this address. */
const NOWHERE = 'https://tidelock.invalid';

export interface OpenAccess extends AsyncDisposable {
  readonly access: Access;
  /** What links begin with; null = nothing says it, and a link would lead nowhere. */
  readonly origin: string | null;
  /** Who sits at this machine: in the audit trail. */
  readonly who: string;
}

/** Over what a process has open already. `config`: the configuration in force. */
export function accessOver(
  { context, secrets, state }: Pick<Foundation, 'context' | 'secrets' | 'state'>,
  of: { readonly origin: string; config(): Foundation['config'] },
): Access {
  return createAccess({ store: state.access, tenants: state.tenants, secrets, context, ...of });
}

/**
 * Secret store and state of a configuration, for somebody who sits at the machine itself. `origin`: what links begin with; else
 * `server.origin` of the configuration. Throws `InputError`, and `AdapterError`: `conflict` while a server holds an embedded
 * database.
 */
export async function openAccess(
  options: PlatformOptions & { readonly origin?: string | undefined },
): Promise<OpenAccess> {
  const foundation = await openFoundation(options);
  const { config } = foundation;
  const origin = options.origin ?? config.server.origin ?? null;
  return {
    access: accessOver(foundation, { origin: origin ?? NOWHERE, config: () => config }),
    origin,
    who: foundation.who,
    [Symbol.asyncDispose]: () => foundation[Symbol.asyncDispose](),
  };
}
