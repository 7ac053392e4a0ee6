import { z } from 'zod';

const Url = z
  .string()
  .max(4096)
  .regex(/^postgres(ql)?:\/\/\S+$/, 'must look like postgresql://user:password@host:5432/database');

export const PostgresOptionsSchema = z
  .strictObject({
    /** `postgresql://user:password@host:5432/database`. Holds a password: give it as a secret reference. */
    url: Url,
    /**
     * The same with the role that owns the schema, used at start only: it makes the schema or brings it up to date, and gives
     * the role of `url` its rights. Needed at the first start and after an upgrade.
     */
    ownerUrl: Url.optional(),
    /**
     * Lets `url` be the role that owns the schema, for a database that gives no second one. Whoever has this role can then
     * change the audit trail. Without it such a role is refused at start.
     */
    allowOwner: z.boolean().default(false),
    /** Every table stands in this schema; it is created where it is missing. */
    schema: z
      .string()
      .regex(
        /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/,
        'must be lower-case letters, digits and "_", and not start with pg_',
      )
      .default('tidelock'),
    /** Connections that this process holds at most. */
    poolSize: z.number().int().min(1).max(1000).default(10),
    /**
     * Whose clock leases are measured by: the server's, so that workers whose own clocks differ agree; or the `caller`'s,
     * for tests in a time of their own.
     */
    leaseClock: z.enum(['database', 'caller']).default('database'),
    /** TLS with a checked certificate, whatever the URL says; without it, the URL's `sslmode` decides. */
    ssl: z
      .strictObject({
        /** Certificates to trust instead of the system's, as PEM. */
        ca: z.string().min(1).max(1_000_000).optional(),
      })
      .optional(),
  })
  .refine(({ allowOwner, ownerUrl }) => !allowOwner || ownerUrl === undefined, {
    path: ['allowOwner'],
    message: 'stands for one role that owns the schema, and "ownerUrl" for two: give one of them',
  });

export type PostgresOptions = z.input<typeof PostgresOptionsSchema>;
export type PostgresSettings = z.output<typeof PostgresOptionsSchema>;
