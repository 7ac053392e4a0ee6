import type { Resource } from './api-context.ts';
import { notFound } from './api-error.ts';
import { pageSize } from './objects-api.ts';
import type { Owner } from './portal.ts';
import { json } from './reply.ts';

const LARGEST_PAGE = 500;

function toWireOwner(owner: Owner): Record<string, unknown> {
  const { id, email, firstName, lastName, userId, archived } = owner;
  return {
    id,
    email,
    type: 'PERSON',
    firstName,
    lastName,
    // An archived owner has no user any more.
    ...(archived ? { userId: null } : { userId }),
    userIdIncludingInactive: userId,
    createdAt: new Date(owner.createdAt).toISOString(),
    updatedAt: new Date(owner.updatedAt).toISOString(),
    archived,
  };
}

export const listOwners: Resource = ({ portal }, call) => {
  const limit = pageSize(call, 100, LARGEST_PAGE);
  const email = call.query.get('email')?.toLowerCase();
  const archived = call.query.get('archived') === 'true';
  const after = Number(call.query.get('after') ?? 0);
  const found = [...portal.owners.values()]
    .filter((owner) => owner.archived === archived && Number(owner.id) >= after)
    .filter((owner) => email === undefined || owner.email.toLowerCase() === email)
    .sort((left, right) => Number(left.id) - Number(right.id));
  const results = found.slice(0, limit).map(toWireOwner);
  const next = found[limit];
  return json(200, next === undefined ? { results } : { results, paging: { next: { after: next.id } } });
};

export const readOwner: Resource = ({ portal }, call) => {
  const given = call.segments[1] ?? '';
  const byUser = call.query.get('idProperty') === 'userId';
  const owner = [...portal.owners.values()].find((one) =>
    byUser ? String(one.userId) === given : one.id === given,
  );
  if (owner === undefined) throw notFound();
  return json(200, toWireOwner(owner));
};
