import type { Session } from './access.ts';
import { requireGroupRole } from './access.ts';
import type { GraphAnswer, GraphCall } from './graph-call.ts';
import { jsonAnswer } from './graph-call.ts';
import { GraphFailure, methodNotAllowed, unknownSegment } from './graph-error.ts';
import { readPage, readQueryOptions, readSelect, withOption } from './query-options.ts';
import { readSkip, toGraphUser, userProperties } from './users-api.ts';
import type { Tenant, User } from './world.ts';

const CASTS = new Set(['graph.user', 'microsoft.graph.user']);

/** Users of the group; with `transitive` also those of the groups inside it, each once, circles included. */
function usersOf(tenant: Tenant, groupId: string, transitive: boolean): User[] {
  const seen = new Set<string>([groupId]);
  const users = new Map<string, User>();
  const open = [groupId];
  for (const id of open) {
    for (const member of tenant.groups.get(id)?.members ?? []) {
      const user = tenant.users.get(member);
      if (user !== undefined && user.mailboxState !== 'soft-deleted') users.set(member, user);
      if (!transitive || seen.has(member) || !tenant.groups.has(member)) continue;
      seen.add(member);
      open.push(member);
    }
  }
  return [...users.values()];
}

/** `GET /groups/{id}/members/graph.user` and `/transitiveMembers/graph.user`. */
export function answerGroup(session: Session, call: GraphCall): GraphAnswer {
  requireGroupRole(session);
  if (call.method !== 'GET') throw methodNotAllowed();
  const [, key = '', list = '', cast = '', ...tail] = call.segments;
  const transitive = list.toLowerCase() === 'transitivemembers';
  if (!transitive && list.toLowerCase() !== 'members') throw unknownSegment(list);
  if (!CASTS.has(cast.toLowerCase()) || tail.length > 0) throw unknownSegment(cast);
  const groupId = key.toLowerCase();
  if (!session.tenant.groups.has(groupId)) {
    throw new GraphFailure(
      404,
      'Request_ResourceNotFound',
      `Resource '${key}' does not exist or one of its queried reference-property objects are not present.`,
    );
  }
  const options = readQueryOptions(call.url, ['select', 'top', 'skiptoken']);
  const select = readSelect(options, userProperties, 'user') ?? [
    'id',
    'displayName',
    'mail',
    'userPrincipalName',
  ];
  const { top } = readPage(options, { fallback: 100, max: 999 });
  const users = usersOf(session.tenant, groupId, transitive);
  const skip = readSkip(options.get('skiptoken'));
  const next = Buffer.from(String(skip + top)).toString('base64url');
  return jsonAnswer(200, {
    '@odata.context': `${call.url.origin}/v1.0/$metadata#users`,
    ...(skip + top < users.length ? { '@odata.nextLink': withOption(call.url, '$skiptoken', next) } : {}),
    value: users.slice(skip, skip + top).map((user) => toGraphUser(user, select)),
  });
}
