import { FieldRuleSchema } from '@tidelock/core';
import * as z from 'zod';
import { ServerSchema } from './access/access-config.ts';
import { AssignmentsSchema, MatchSchema, ProfileName, ProfilesSchema } from './profiles/profile-schema.ts';
import { PushSchema } from './push/push-config.ts';

const PACKAGE_NAME = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;
const File = z.string().min(1).max(4096);
const Email = z.email('not an e-mail address').max(320);
const DeletePolicy = z.enum(['delete', 'unlink']);

export const AdapterName = z.string().max(214).regex(PACKAGE_NAME, 'not the name of an npm package');

const AdapterChoice = z.strictObject({
  adapter: AdapterName.meta({ description: 'Full package name of the adapter.' }),
  options: z
    .record(z.string(), z.unknown())
    .default({})
    .meta({ description: 'Options of the adapter. A value { secret: name } is read from the secret store.' }),
});
export type AdapterChoice = z.infer<typeof AdapterChoice>;

const MailboxEntry = z.strictObject({
  address: Email,
  profile: ProfileName.optional().meta({
    description: 'Profile of this mailbox. It comes before lists and groups. Default: defaultProfile.',
  }),
  folders: z
    .array(z.string().min(1).max(255))
    .min(1)
    .optional()
    .meta({ description: "Names or ids of folders, instead of the profile's." }),
  records: z.enum(['own', 'all']).optional().meta({
    description:
      "own: the CRM records of this mailbox's owner. all: every record the CRM shows. Default: the profile's, else own.",
  }),
  owner: Email.optional().meta({
    description: 'E-mail of the CRM user. Default: the address of the mailbox.',
  }),
});

const Sync = z.strictObject({
  master: z
    .enum(['crm', 'mailbox'])
    .default('crm')
    .meta({ description: 'Who wins at first contact and where clocks cannot tell.' }),
  region: z
    .string()
    .regex(/^[A-Z]{2}$/, 'two capital letters (ISO 3166)')
    .default('US')
    .meta({ description: 'Country that national phone numbers belong to.' }),
  create: z
    .strictObject({ mailbox: z.boolean().default(true), crm: z.boolean().default(true) })
    .prefault({})
    .meta({ description: 'On which side records may be created.' }),
  onDelete: z
    .strictObject({ mailbox: DeletePolicy.default('delete'), crm: DeletePolicy.default('delete') })
    .prefault({})
    .meta({ description: 'What happens to the partner of a record deleted on this side.' }),
  brake: z
    .strictObject({
      least: z.int().min(0).max(1_000_000).default(10),
      share: z.number().min(0).max(1).default(0.05),
      folderShare: z.number().min(0).max(1).default(0.25),
    })
    .prefault({})
    .meta({ description: 'Deletes of one pass beyond max(least, share x records) wait for approval.' }),
  conflictSkewSeconds: z.number().min(0).max(86_400).default(120),
  recoveryHoldSeconds: z.number().min(0).max(86_400).optional().meta({
    description: 'Wait before a write of unknown fate is settled. Default: what the stores ask for.',
  }),
  auditHours: z.number().min(1).max(8_760).nullable().default(48),
  maxLinksPerPass: z.int().min(1).max(1_000_000).default(5000),
});

const History = z
  .strictObject({
    valueDays: z
      .int()
      .min(0)
      .max(3650)
      .default(30)
      .meta({ description: 'Days for which old and new values are kept, and undo is possible.' }),
    keepDays: z.int().min(0).max(3650).default(90).meta({
      description: 'Days for which history keeps that something was changed, when, by what and why.',
    }),
  })
  .refine(({ valueDays, keepDays }) => valueDays <= keepDays, {
    path: ['valueDays'],
    message: 'values cannot be kept longer than the changes they belong to (keepDays)',
  });

const Alarm = z.strictObject({
  lagMinutes: z.number().min(1).max(525_600).default(60).meta({
    description: 'status warns, with exit code 5, when a mailbox was not in step for so long.',
  }),
});

const Seconds = z.number().min(1).max(86_400);

/** What a process that stays does by itself, and how often. */
const Schedule = z.strictObject({
  mailbox: z
    .strictObject({
      floorSeconds: Seconds.default(60).meta({ description: 'While somebody changes something there.' }),
      ceilingSeconds: Seconds.default(900).meta({ description: 'While nothing changes.' }),
      pushedSeconds: Seconds.default(1800).meta({
        description:
          'While its changes are pushed: a look in case a push was lost. Keep it below alarm.lagMinutes.',
      }),
    })
    .prefault({})
    .meta({
      description:
        'How often a mailbox is looked at; the time between two looks grows from floor to ceiling.',
    }),
  crm: z
    .strictObject({
      floorSeconds: Seconds.default(30).meta({ description: 'While something changes there.' }),
      ceilingSeconds: Seconds.default(60).meta({ description: 'While nothing changes.' }),
      pushedSeconds: Seconds.default(300).meta({
        description: 'While its changes are pushed: a look in case a push was lost.',
      }),
    })
    .prefault({})
    .meta({ description: 'The same for each CRM, which is read once for all mailboxes.' }),
  atOnce: z
    .int()
    .min(1)
    .max(64)
    .default(6)
    .meta({ description: 'Mailboxes that are worked on side by side.' }),
  rosterMinutes: z.number().min(1).max(10_080).default(15).meta({
    description: 'How often groups are read for mailboxes that joined or left.',
  }),
  reachHours: z.number().min(0).max(8_760).default(0).meta({
    description:
      'How often the reach is proved (`tidelock reach`): one folder of every mailbox of the directory is read. 0: when somebody asks.',
  }),
  stopSeconds: z.number().min(1).max(600).default(20).meta({
    description:
      'How long a process that is asked to stop waits for the mailboxes under way to come to a safe point.',
  }),
});

const Network = z.strictObject({
  ca: z.array(File).default([]).meta({ description: 'PEM files of further trusted authorities.' }),
  timeoutSeconds: z.number().min(1).max(600).default(100),
  insecureForTests: z
    .boolean()
    .default(false)
    .meta({ description: 'Tolerates NODE_TLS_REJECT_UNAUTHORIZED=0. Never in production.' }),
});

const Log = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .optional()
    .meta({ description: 'Default: info in a file, error on standard error.' }),
  file: File.optional().meta({ description: 'Default: standard error.' }),
});

function refuseRepeatedFields(rules: readonly { readonly field: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  rules.forEach((rule, index) => {
    if (seen.has(rule.field)) {
      context.addIssue({
        code: 'custom',
        path: [index, 'field'],
        message: `"${rule.field}" is mapped twice`,
      });
    }
    seen.add(rule.field);
  });
}

/** What a person writes in the configuration file. */
export const ConfigSchema = z
  .strictObject({
    version: z.literal(1),
    data: File.default('.tidelock').meta({ description: 'Data directory, relative to this file.' }),
    secrets: AdapterChoice,
    secretStores: z.record(ProfileName, AdapterChoice).default({}).meta({
      description:
        'Secret stores that are not in use, by name: `tidelock secrets migrate` moves from or to them.',
    }),
    state: AdapterChoice,
    token: AdapterChoice,
    mailbox: AdapterChoice,
    crm: AdapterChoice,
    crms: z.record(ProfileName, AdapterChoice).default({}).meta({
      description: 'Further CRMs by name; a profile says with "crm" which one its mailboxes follow.',
    }),
    mailboxes: z.array(MailboxEntry).default([]),
    profiles: ProfilesSchema,
    assign: AssignmentsSchema,
    defaultProfile: ProfileName.default('default').meta({
      description:
        'Profile of listed mailboxes that nothing else gives one. "default" is what stands under "sync".',
    }),
    match: MatchSchema,
    alarm: Alarm.prefault({}).meta({ description: 'When status warns.' }),
    sync: Sync.prefault({}),
    history: History.prefault({}),
    schedule: Schedule.prefault({}).meta({
      description: 'What `watch` and `serve` do by themselves, and how often.',
    }),
    mapping: File.optional().meta({ description: "Mapping file that replaces the CRM adapter's own." }),
    mappingExtra: z
      .array(FieldRuleSchema)
      .default([])
      .superRefine(refuseRepeatedFields)
      .meta({ description: 'Rows that replace rows of the same field name, or are added.' }),
    server: ServerSchema.prefault({}).meta({
      description: 'What `tidelock serve` answers, and who may come in.',
    }),
    push: PushSchema.prefault({}).meta({
      description: 'Services tell about changes at /hooks; without it everything is polled, and as correct.',
    }),
    network: Network.prefault({}),
    log: Log.prefault({}),
  })
  .meta({ title: 'Tidelock configuration' });

export type ConfigFile = z.output<typeof ConfigSchema>;
export type ConfigInput = z.input<typeof ConfigSchema>;

/** JSON Schema (2020-12) of the configuration file, for editors. Shipped as `config.schema.json`. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(ConfigSchema, { io: 'input', target: 'draft-2020-12' });
}
