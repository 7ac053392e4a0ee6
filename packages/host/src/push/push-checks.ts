import type { CrmPort, ErrorKind, Secrets, StatePort } from '@tidelock/core';
import { type CheckResult, okCheck } from '../check-result.ts';
import type { Config } from '../config.ts';
import { TENANT } from '../lanes.ts';
import { crmHook, openHookPaths } from './hook-paths.ts';

interface Parts {
  readonly config: Config;
  readonly ports: {
    readonly secrets: Secrets;
    readonly state: StatePort;
    readonly crms: ReadonlyMap<string, CrmPort>;
  };
}

const NAME = 'push';

const remedies: Partial<Record<ErrorKind, (origin: string) => string>> = {
  invalid: (origin) =>
    `The service has to reach ${origin} over https with a certificate that is publicly trusted: check proxy, firewall and push.origin.`,
  conflict: () =>
    'Another installation has subscribed with the same app registration: give each installation its own.',
  forbidden: () => 'Grant the app the right to read these mailboxes; tidelock reach shows which it can open.',
  not_found: () => 'These mailboxes have no licence or are gone; tidelock mailboxes shows which.',
};

const remedyOf = (kind: string, origin: string): string =>
  remedies[kind as ErrorKind]?.(origin) ?? 'It is tried again by itself; changes are polled meanwhile.';

async function mailboxChecks({ config, ports }: Parts, origin: string): Promise<readonly CheckResult[]> {
  if (!config.push.mailbox) return [okCheck(NAME, 'mailboxes are polled: push.mailbox is false')];
  const rows = (await ports.state.push?.subscriptions(TENANT)) ?? [];
  if (rows.length === 0)
    return [okCheck(NAME, 'no mailbox pushes its changes yet: the server subscribes once it runs')];
  const works = rows.filter(({ state, problem }) => state === 'live' && problem === null).length;
  const good = okCheck(NAME, `${works} of ${rows.length} mailboxes and calendars push their changes`);
  const kinds = Map.groupBy(
    rows.filter(({ problem }) => problem !== null),
    ({ problem }) => problem ?? '',
  );
  const troubles = [...kinds].map(
    ([kind, members]): CheckResult => ({
      ...{ name: NAME, status: 'warn', remedy: remedyOf(kind, origin) },
      text: `${members.length} of ${rows.length} mailboxes and calendars are polled only: the last attempt to subscribe ended with ${kind}`,
    }),
  );
  return [good, ...troubles];
}

async function crmChecks({ config, ports }: Parts, origin: string): Promise<readonly CheckResult[]> {
  const pushing = [...ports.crms].filter(([, port]) => port.verifyPush !== undefined);
  if (pushing.length === 0 || !config.push.crm || !ports.secrets.abilities.store) return [];
  const paths = await openHookPaths(ports.secrets);
  return pushing.map(([crm]) =>
    okCheck(NAME, `${crm} may push to ${crmHook(origin, { crm, path: paths.crm(crm) })}`),
  );
}

/** Who pushes, and where to; nothing where the installation has no public address. */
export async function pushChecks(parts: Parts): Promise<readonly CheckResult[]> {
  const { config } = parts;
  const origin = config.push.origin ?? config.server.origin;
  if (origin === undefined) return [];
  return [...(await mailboxChecks(parts, origin)), ...(await crmChecks(parts, origin))];
}
