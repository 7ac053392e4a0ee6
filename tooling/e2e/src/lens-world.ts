import type { FieldCatalogue, Fields, Side, StoreRecord } from '@tidelock/core';
import { defaultMapping, toBody, toRecord as toCrmRecord, type View } from '@tidelock/crm-salesforce';
import { type CompiledMapping, compileMapping, createCanon, withRequired } from '@tidelock/engine';
import { createBlankFields } from '@tidelock/kit';
import { toGraph, toRecord as toMailboxRecord, WireContact } from '@tidelock/mailbox-exchange';
import type { World } from './world.ts';

export const canon = createCanon({ region: 'US' });
const LAYOUT = { namespace: '6f1a5c0e-2f7b-4b0a-9c57-41d6c8e3b2a9', custom: [] };
const COMPANY = 'Account.Name';

/** One record in a real store of one side, written and read through the adapter's own converters. */
export interface Cell {
  read(): StoreRecord;
  write(patch: Fields): void;
}

export interface LensWorld {
  readonly mapping: CompiledMapping;
  readonly catalogues: Readonly<Record<Side, FieldCatalogue>>;
  /** A new record of native fields. */
  create(side: Side, fields: Fields): Cell;
  /** A record as the service itself has it, in its own shape. */
  adopt(side: Side, native: Readonly<Record<string, unknown>>): Cell;
  /** What a store refuses to be without. */
  required(side: Side, fields: Fields): Fields;
}

function mailboxCell(world: World, id: string): Cell {
  const { mailboxId } = world.person();
  const read = (): StoreRecord => {
    const found = world.graph.oracle.contact(mailboxId, id);
    if (found === undefined) throw new Error('the contact is gone');
    const { extended: _, ...content } = found;
    const wire = WireContact.parse({ ...content, '@odata.etag': `W/"${found.changeKey}"` });
    const record = toMailboxRecord(wire, { layout: LAYOUT, extended: false });
    if (record === undefined) throw new Error('the contact cannot be read');
    return record;
  };
  return {
    read,
    write(patch) {
      const { fields, extra } = read();
      const body = toGraph(patch, LAYOUT, { before: { fields, extra } });
      world.graph.admin.updateContact(mailboxId, id, body);
    },
  };
}

/** The company is an account: found by its exact name, and left as it is where there is none. */
function withCompany(world: World, view: View, fields: Fields): Record<string, unknown> {
  const { body, refusal } = toBody(fields, view);
  if (refusal !== null) throw new Error(`${refusal.property} is refused: ${refusal.code}`);
  if (!(COMPANY in fields)) return body;
  const account = world.salesforce.oracle.accounts().find((each) => each.Name === fields[COMPANY]);
  if (fields[COMPANY] !== null && account === undefined) return body;
  return { ...body, AccountId: account?.Id ?? null };
}

function crmCell(world: World, view: View, id: string): Cell {
  return {
    read() {
      const row = world.salesforce.oracle.contact(id);
      const account = world.salesforce.oracle.accounts().find((each) => each.Id === row?.AccountId);
      return toCrmRecord({ ...row, Account: account === undefined ? null : { Name: account.Name } }, view);
    },
    write: (patch) => world.salesforce.admin.updateContact(id, withCompany(world, view, patch)),
  };
}

/** The default mapping over the real catalogues, and records to try it on. */
export async function createLensWorld(world: World): Promise<LensWorld> {
  const platform = world.platform();
  const { mailboxId } = world.person();
  const [a, b] = await Promise.all([
    platform.mailbox.open({ mailbox: mailboxId, kind: 'contact' }).probe(),
    platform.crm.open({ kind: 'contact', properties: defaultMapping.fields.map((rule) => rule.crm) }).probe(),
  ]);
  const catalogues = { a: a.catalogue, b: b.catalogue };
  const mapping = compileMapping(defaultMapping, catalogues, canon);
  const view: View = {
    ...createBlankFields(mapping.fields.map((field) => field.property.b)),
    specs: b.catalogue,
    stampField: 'TidelockKey__c',
    companyField: null,
    userId: '',
  };
  const adopt: LensWorld['adopt'] = (side, native) =>
    side === 'a'
      ? mailboxCell(world, world.graph.admin.createContact(mailboxId, native).id)
      : crmCell(world, view, world.salesforce.admin.createContact(native));
  return {
    mapping,
    catalogues,
    adopt,
    create: (side, fields) =>
      adopt(side, side === 'a' ? toGraph(fields, LAYOUT) : withCompany(world, view, fields)),
    required: (side, fields) => withRequired(mapping, side, fields),
  };
}
