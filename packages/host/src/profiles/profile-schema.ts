import { CONFLICT_POLICIES, FieldRuleSchema, ScopeRuleSchema } from '@tidelock/core';
import * as z from 'zod';

const Email = z.email('not an e-mail address').max(320);
const Name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'small letters, digits and hyphens, starting with a letter');
const Domain = z
  .string()
  .max(253)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i,
    'not a domain; write it without @, like contoso.example',
  );
const Words = z.array(z.string().min(1).max(255)).min(1).max(100);
const DeletePolicy = z.enum(['delete', 'unlink']);
const DIRECTIONS = ['both', 'mailbox>crm', 'crm>mailbox'] as const;

const ContactRulesSchema = z.strictObject({
  sync: z.boolean().default(true).meta({ description: 'false: contacts take no part.' }),
  direction: z.enum(DIRECTIONS).default('both').meta({
    description:
      'Which way contacts flow. The other side is then never written: not created, changed or deleted.',
  }),
  folders: Words.optional().meta({ description: 'Folders that take part. Default: the default folder.' }),
  categories: Words.optional().meta({
    description:
      'Only contacts of the mailbox with one of these categories take part; new ones get the first. Default: all.',
  }),
  records: z
    .union([z.enum(['own', 'all']), z.array(Email).min(1).max(500)])
    .optional()
    .meta({
      description:
        "CRM records of the mailbox's own user, of all, or of the users with these e-mail addresses.",
    }),
  filter: z
    .array(ScopeRuleSchema)
    .max(50)
    .default([])
    .meta({ description: 'Conditions that a CRM record has to meet, all of them.' }),
  create: z
    .strictObject({
      mailbox: z.boolean().optional().meta({ description: 'In the mailbox.' }),
      crm: z.boolean().optional().meta({ description: 'In the CRM.' }),
    })
    .prefault({})
    .meta({ description: 'On which side records may be created. Default: sync.create.' }),
  onDelete: z
    .strictObject({
      mailbox: DeletePolicy.optional().meta({ description: 'Of one deleted in the mailbox.' }),
      crm: DeletePolicy.optional().meta({ description: 'Of one deleted in the CRM.' }),
    })
    .prefault({})
    .meta({ description: 'What happens to the partner of a deleted record. Default: sync.onDelete.' }),
  master: z.enum(['crm', 'mailbox']).optional().meta({ description: 'Default: sync.master.' }),
  conflict: z
    .enum(CONFLICT_POLICIES)
    .optional()
    .meta({ description: 'Policy of all fields whose row says "newer". Default: newer.' }),
  mapping: z.string().min(1).max(4096).optional().meta({ description: 'Mapping file. Default: "mapping".' }),
  mappingExtra: z
    .array(FieldRuleSchema)
    .default([])
    .meta({ description: 'Rows that replace rows of the same field name, or are added.' }),
});

const EventRulesSchema = z.strictObject({
  direction: z.enum(DIRECTIONS).default('both').meta({ description: 'Which way events flow.' }),
  window: z
    .strictObject({
      pastDays: z.int().min(0).max(3_650).default(30).meta({ description: 'Days before today.' }),
      futureDays: z.int().min(1).max(3_650).default(365).meta({ description: 'Days after today.' }),
    })
    .prefault({})
    .meta({ description: 'Events inside it take part; leaving it changes neither side.' }),
  notify: z
    .enum(['hold', 'ask', 'send', 'crm-only'])
    .default('hold')
    .meta({ description: 'What happens to a change that would make Exchange send mail to people.' }),
  mailBudget: z.int().min(0).max(1_000_000).optional().meta({
    description:
      'People who may get mail because of one run: a sync of all mailboxes of the profile, the turn of one in a server, or an undo. Default: any number; in a first sync nobody.',
  }),
  readOnly: z.enum(['ignore', 'revert']).default('ignore').meta({
    description: "What happens to an edit in the CRM of somebody else's meeting: left there, or taken back.",
  }),
  calendars: Words.optional().meta({ description: 'Calendars that take part. Default: the default one.' }),
  categories: Words.optional().meta({
    description: 'Only events with one of these categories take part; new ones get the first. Default: all.',
  }),
  people: z
    .strictObject({
      create: z.boolean().default(false).meta({
        description:
          'true: whoever is on an event and is nobody in the CRM is made there as a contact. false: a person is asked.',
      }),
      ownDomains: z.array(Domain).max(1_000).default([]).meta({
        description:
          'Nobody of these domains, or of one below them, is made. Those of the mailboxes that take part count anyway.',
      }),
    })
    .prefault({})
    .meta({ description: 'What becomes of people on an event whom the CRM does not know.' }),
  private: z.enum(['skip', 'busy', 'full']).default('skip').meta({
    description: 'Private and confidential events: not at all, only when they are, or like the others.',
  }),
  detail: z.enum(['full', 'busy']).default('full').meta({
    description: 'busy: of every event only when it is and that its owner is not free.',
  }),
  filter: z
    .array(ScopeRuleSchema)
    .max(50)
    .default([])
    .meta({ description: 'Conditions that a CRM event has to meet, all of them.' }),
  create: ContactRulesSchema.shape.create,
  onDelete: ContactRulesSchema.shape.onDelete,
  master: z.enum(['crm', 'mailbox']).optional().meta({ description: 'Default: mailbox.' }),
  mappingExtra: ContactRulesSchema.shape.mappingExtra,
});

export const ProfileSchema = z.strictObject({
  description: z.string().max(500).optional().meta({ description: 'For people.' }),
  crm: Name.optional().meta({
    description: 'Name of the CRM under "crms" that its mailboxes follow. Default: the one under "crm".',
  }),
  contacts: ContactRulesSchema.prefault({}).meta({ description: 'Rules for contacts.' }),
  events: EventRulesSchema.optional().meta({
    description: 'Rules for events. Absent: events take no part.',
  }),
});
export type ProfileInput = z.output<typeof ProfileSchema>;

export const ProfilesSchema = z
  .record(Name, ProfileSchema)
  .default({})
  .meta({ description: 'Named sets of rules. What a profile leaves out stands under "sync".' });

const AssignSchema = z.strictObject({
  profile: Name.meta({ description: 'Name of the profile.' }),
  mailboxes: z.array(Email).min(1).optional().meta({ description: 'Addresses.' }),
  group: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'Object id of a group of the directory. Groups inside it count.' }),
  label: z.string().max(100).optional().meta({ description: 'What the group is called, for people.' }),
});

export const AssignmentsSchema = z.array(AssignSchema).default([]).meta({
  description: 'Which mailboxes follow which profile; the first entry that names a mailbox counts.',
});

export const MatchSchema = z
  .array(
    z.strictObject({
      mailbox: z
        .enum(['address', 'login', 'employee'])
        .meta({ description: "What is taken of the mailbox's owner." }),
      crm: z
        .string()
        .regex(/^[A-Za-z]\w{0,79}$/, 'letters, digits and _ only')
        .meta({
          description: 'email, login, federation, employee, or a property of the CRM users that holds it.',
        }),
    }),
  )
  .max(10)
  .default([])
  .meta({
    description:
      'How a mailbox finds its CRM user: the first key that fits exactly one active user counts. Default: by e-mail address.',
  });

export const ProfileName = Name;
