import * as z from 'zod';
import { ROLES } from '../principal.ts';

export const RoleSchema = z
  .enum(ROLES)
  .meta({ id: 'Role', description: 'Each may do what the one before it may.' });
export const InstantSchema = z.iso.datetime().meta({ description: 'UTC.' });

/** Long enough for anything that people type; what a password may be, the host says. */
export const PasswordSchema = z.string().min(1).max(1_024);
export const NameSchema = z.string().trim().min(1).max(200);
/** What stands behind `#` in a link. */
export const TicketSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'not what stands behind # in the link');
export const IdSchema = z.uuid();

export const PrincipalSchema = z
  .strictObject({ id: z.string(), name: z.string(), role: RoleSchema, via: z.enum(['session', 'token']) })
  .meta({ id: 'Principal' });

export const SignedInSchema = z
  .strictObject({
    principal: PrincipalSchema,
    csrf: z.string().meta({ description: 'Send it as x-tidelock-csrf with everything that is no GET.' }),
    endsAt: InstantSchema.meta({
      description: 'The session ends then at the latest; after 30 minutes of quiet before.',
    }),
  })
  .meta({ id: 'SignedIn' });

export const UserSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    via: z.string().meta({ description: 'Name of the provider, or local.' }),
    role: RoleSchema.nullable().meta({ description: 'null: known, and allowed to do nothing.' }),
    roleBy: z.enum(['rule', 'person']),
    hasPassword: z.boolean(),
    disabledAt: InstantSchema.nullable(),
    createdAt: InstantSchema,
    signedInAt: InstantSchema.nullable(),
  })
  .meta({ id: 'User' });

export const InvitationSchema = z
  .strictObject({
    link: z.string().meta({ description: 'Works once. Hand it to the person by a way that you trust.' }),
    endsAt: InstantSchema,
  })
  .meta({ id: 'Invitation' });

export const TokenSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role: RoleSchema,
    ownerId: z.string(),
    owner: z.string(),
    state: z.enum(['valid', 'over', 'revoked', 'owner-disabled']),
    createdAt: InstantSchema,
    endsAt: InstantSchema,
    usedAt: InstantSchema.nullable().meta({ description: 'To the minute.' }),
    revokedAt: InstantSchema.nullable(),
  })
  .meta({ id: 'ApiToken' });
