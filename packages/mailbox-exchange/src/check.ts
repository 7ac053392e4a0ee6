import { type CallOptions, type Finding, isAdapterError } from '@tidelock/core';
import type { Graph } from './client.ts';
import { isDirectoryDenied } from './errors.ts';
import { toQuery } from './paths.ts';

/** Application permissions that reach far beyond contacts. */
const BROAD =
  /^(Mail\.(Read|ReadWrite|Send)|full_access_as_app|Directory\.ReadWrite\.All|User\.ReadWrite\.All|RoleManagement\.)/;

/** `roles` of an app-only token; undefined for a token that does not show them. A diagnosis may look inside. */
function rolesOf(token: string): readonly string[] | undefined {
  const [, claims] = token.split('.');
  if (claims === undefined) return undefined;
  try {
    const { roles = [] } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as {
      roles?: unknown;
    };
    return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : undefined;
  } catch {
    return undefined;
  }
}

function roleFindings(token: string): readonly Finding[] {
  const roles = rolesOf(token);
  if (roles === undefined) return [];
  const findings: Finding[] = [];
  if (!roles.includes('Contacts.ReadWrite')) {
    findings.push({
      code: 'contacts-not-granted-in-entra',
      severity: 'info',
      text: 'The token does not carry Contacts.ReadWrite: mailboxes open only where Exchange RBAC for Applications grants it.',
    });
  }
  const broad = roles.filter((role) => BROAD.test(role));
  if (broad.length > 0) {
    findings.push({
      code: 'broad-permissions',
      severity: 'warn',
      text: `The app may do more than this connection needs: ${broad.join(', ')}.`,
      remedy: 'Remove these application permissions in Entra.',
    });
  }
  return findings;
}

function directoryFinding(error: unknown): Finding {
  if (!isAdapterError(error)) throw error;
  if (isDirectoryDenied(error)) {
    return {
      code: 'directory-unreadable',
      severity: 'warn',
      text: 'The app may not read the directory: mailboxes cannot be listed and are addressed by their address.',
      remedy: 'Grant the application permission User.Read.All, or configure mailboxes by their object id.',
    };
  }
  if (error.kind !== 'auth' && error.kind !== 'forbidden') throw error;
  const code = error.kind === 'auth' ? 'sign-in-refused' : 'access-refused';
  const remedy = error.remedy ?? 'Check the app registration, its certificate, its consent and the cloud.';
  const said = error.code === undefined ? '' : ` (${error.code})`;
  return { code, severity: 'block', text: `Microsoft 365 refuses this connection${said}.`, remedy };
}

/** A token and one look into the directory. Throws for what may pass (throttling, outage). */
export async function checkConnection(graph: Graph, options: CallOptions = {}): Promise<readonly Finding[]> {
  const { signal } = options;
  try {
    const findings = roleFindings(await graph.credential.get(signal));
    const url = `/users${toQuery({ $top: '1', $select: 'id' })}`;
    const refused = await graph
      .send({ operation: 'users.check', url, lane: graph.lanes.directory, signal })
      .then(() => [])
      .catch((error: unknown) => [directoryFinding(error)]);
    return [...findings, ...refused];
  } catch (error) {
    return [directoryFinding(error)];
  }
}
