import { AdapterError, type CallOptions, type NarrowingStep, type TokenHome } from '@tidelock/core';
import type { Graph } from './client.ts';

/** What `Connect-ExchangeOnline` calls the clouds; absent for the global one. */
const ENVIRONMENTS: Readonly<Record<string, string>> = {
  'usgov-l4': 'O365USGovGCCHigh',
  'usgov-l5': 'O365USGovDoD',
  china: 'O365China',
};

const SCOPE = 'Tidelock mailboxes';
const ROLES = ['Application Contacts.ReadWrite', 'Application Calendars.ReadWrite'] as const;
/** Grants in Entra open every mailbox, whatever Exchange says: they add up. */
const MAILBOX_GRANTS = 'Contacts.ReadWrite and Calendars.ReadWrite';

interface AppIds {
  readonly clientId: string;
  readonly objectId: string;
}

/** The app as the tenant knows it, from its own token. A diagnosis may look inside. */
function idsIn(token: string): AppIds {
  const [, payload] = token.split('.');
  try {
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8')) as Record<
      string,
      unknown
    >;
    const { appid, oid } = claims;
    if (typeof appid === 'string' && typeof oid === 'string') return { clientId: appid, objectId: oid };
  } catch {
    return { clientId: '<client id>', objectId: '<object id of the enterprise application>' };
  }
  return { clientId: '<client id>', objectId: '<object id of the enterprise application>' };
}

/** A PowerShell literal: nothing inside is evaluated. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function requirePlain(group: string): void {
  // Control characters would end the line that somebody pastes.
  if (group !== '' && !/\p{Cc}/u.test(group)) return;
  throw new AdapterError('invalid', 'The group has no name that could stand in a command.', {
    operation: 'mailboxes.narrowing',
    remedy: 'Write its name, its address or its distinguished name on one line.',
  });
}

/**
 * Exchange RBAC for Applications, as commands for an administrator of the tenant (Organization Management or Exchange
 * Administrator).
 */
export async function narrowingSteps(
  parts: { readonly graph: Graph; readonly home: TokenHome | undefined },
  of: { readonly group: string; readonly probe: readonly string[] },
  options: CallOptions = {},
): Promise<readonly NarrowingStep[]> {
  requirePlain(of.group);
  const { clientId, objectId } = idsIn(await parts.graph.credential.get(options.signal));
  const environment = ENVIRONMENTS[parts.home?.cloud ?? ''];
  const connect = environment === undefined ? '' : ` -ExchangeEnvironmentName ${environment}`;
  const assign = ROLES.map(
    (role) =>
      `New-ManagementRoleAssignment -App ${literal(objectId)} -Role ${literal(role)} -CustomResourceScope ${literal(SCOPE)}`,
  );
  const tests = of.probe.map(
    (address) =>
      `Test-ServicePrincipalAuthorization -Identity ${literal(objectId)} -Resource ${literal(address)}`,
  );
  return [
    {
      text: 'Sign in to Exchange Online PowerShell as Exchange Administrator.',
      commands: [`Connect-ExchangeOnline${connect}`],
    },
    {
      text: 'Make the app known to Exchange, by the object id of the enterprise application (not of the registration).',
      commands: [
        `New-ServicePrincipal -AppId ${literal(clientId)} -ObjectId ${literal(objectId)} -DisplayName 'Tidelock'`,
      ],
    },
    {
      text: 'Say which mailboxes it may open: the members of one group, by its distinguished name.',
      commands: [
        `$group = (Get-Recipient -Identity ${literal(of.group)}).DistinguishedName`,
        `New-ManagementScope -Name ${literal(SCOPE)} -RecipientRestrictionFilter "MemberOfGroup -eq '$($group.Replace("'","''"))'"`,
      ],
    },
    { text: 'Let it read and write contacts and calendars there, and nowhere else.', commands: assign },
    {
      text: `Take the application permissions ${MAILBOX_GRANTS} away from the app in Microsoft Entra, if they were granted: grants add up, so with them every mailbox stays open.`,
      commands: [],
    },
    {
      text: 'Try it. This asks past the cache; the app itself sees changes after thirty minutes to two hours.',
      commands: tests,
    },
  ];
}
