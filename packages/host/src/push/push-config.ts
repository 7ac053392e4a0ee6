import * as z from 'zod';
import { isReachableOrigin } from './origin.ts';

/** The section `push` of the configuration. */
export const PushSchema = z.strictObject({
  mailbox: z.boolean().default(true).meta({
    description: 'Subscribes to changes in mailboxes, where the installation has a public address.',
  }),
  crm: z
    .boolean()
    .default(true)
    .meta({ description: 'Takes what CRMs push, where their adapter can judge it.' }),
  origin: z
    .url('not an address')
    .max(2048)
    .refine((text) => URL.canParse(text) && isReachableOrigin(text), {
      message: 'https://host without a path is needed; http only on this machine (localhost)',
    })
    .optional()
    .meta({ description: 'Address at which the services reach /hooks. Default: server.origin.' }),
});
