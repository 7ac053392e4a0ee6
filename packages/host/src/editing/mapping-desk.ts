import {
  AdapterError,
  type FieldCatalogue,
  type FieldRule,
  type FieldSpec,
  type FieldValue,
  type Finding,
  type Mapping,
  type Problem,
  type RecordStore,
  type Side,
  type StoreRecord,
} from '@tidelock/core';
import {
  type CompiledMapping,
  compileMapping,
  createCanon,
  getFields,
  type MappedField,
} from '@tidelock/engine';
import { MAIN_CRM, ofCrm } from '../crm-connections.ts';
import { windowOf } from '../event-window.ts';
import type { LaneInfo } from '../lanes.ts';
import type { ActingPlatform } from '../platform.ts';
import type { EventRules } from '../profiles/effective-events.ts';
import { lensProblems } from './lens-laws.ts';

export interface PropertyInfo extends FieldSpec {
  readonly name: string;
}

/** What a mapping can pair, on both sides. */
export interface Catalogues {
  readonly mailbox: readonly PropertyInfo[];
  readonly crm: readonly PropertyInfo[];
}

export interface PreviewField {
  readonly field: string;
  readonly type: FieldSpec['type'];
  readonly mailboxProperty: string;
  readonly crmProperty: string;
  /** What each record shows; undefined = it was not read, or does not report it. */
  readonly mailbox: FieldValue | undefined;
  readonly crm: FieldValue | undefined;
  readonly same: boolean;
  /** What the other side would show of this one's value; `lost`: it cannot hold it at all. */
  readonly mailboxInCrm: FieldValue | 'lost' | undefined;
  readonly crmInMailbox: FieldValue | 'lost' | undefined;
  readonly flows: MappedField['flows'];
}

export interface MappingPreview {
  readonly fields: readonly PreviewField[];
  readonly findings: readonly Finding[];
  /** Laws that the mapping breaks; it cannot be saved with one. */
  readonly problems: readonly Problem[];
}

/** Events are looked at in this window; absent = contacts. */
interface OfKind {
  readonly kind?: LaneInfo['kind'] | undefined;
  readonly window?: EventRules['window'] | undefined;
}

/** A record in each store, by native id; null = none. */
export interface RecordPair {
  readonly mailboxId: string | null;
  readonly crmId: string | null;
}

const notOpen = (): AdapterError =>
  new AdapterError(
    'not_found',
    'No mailbox takes part with this CRM, so its properties cannot be asked for.',
    {
      operation: 'mapping.fields',
      remedy: 'Name a mailbox first; the doctor says what keeps mailboxes off.',
    },
  );

type Stores = Readonly<Record<Side, RecordStore>>;

const DAYS = { pastDays: 30, futureDays: 365 } as const;

/** The stores of one mailbox under a mapping that need not be in force. */
function storesOf(
  platform: ActingPlatform,
  lane: LaneInfo,
  of: { readonly mapping: Pick<Mapping, 'fields'> | null } & OfKind,
): Stores {
  const { kind = 'contact', window = DAYS } = of;
  const { mailboxId: mailbox } = lane;
  const properties = of.mapping?.fields.map((rule) => rule.crm);
  const dates = windowOf(window, platform.clock.now());
  return {
    a: platform.mailbox.open(kind === 'event' ? { kind, mailbox, window: dates } : { kind, mailbox }),
    b: ofCrm(platform.crms, lane.crm).open(properties === undefined ? { kind } : { kind, properties }),
  };
}

async function laneOf(
  platform: ActingPlatform,
  of: { readonly crm: string; readonly mailbox?: string | undefined } & OfKind,
): Promise<LaneInfo> {
  const { kind = 'contact' } = of;
  const lanes = await platform.lanes();
  const lane = lanes.find(
    (one) =>
      one.kind === kind &&
      one.crm === of.crm &&
      (of.mailbox === undefined || one.mailbox.toLowerCase() === of.mailbox.toLowerCase()),
  );
  if (lane === undefined) throw notOpen();
  return lane;
}

const listed = (catalogue: FieldCatalogue): PropertyInfo[] =>
  Object.entries(catalogue)
    .map(([name, spec]) => ({ name, ...spec }))
    .sort((x, y) => x.label.localeCompare(y.label, 'en'));

/** Every property that contacts, or events, have on both sides. Asks both stores. */
export async function readCatalogues(
  platform: ActingPlatform,
  of: { readonly crm?: string | undefined; readonly signal?: AbortSignal | undefined } & OfKind,
): Promise<Catalogues> {
  const { crm = MAIN_CRM, kind, signal } = of;
  const stores = storesOf(platform, await laneOf(platform, { crm, kind }), { mapping: null, kind });
  const [a, b] = await Promise.all([stores.a.probe({ signal }), stores.b.probe({ signal })]);
  return { mailbox: listed(a.catalogue), crm: listed(b.catalogue) };
}

async function readOne(
  store: RecordStore,
  id: string | null,
  signal?: AbortSignal,
): Promise<StoreRecord | null> {
  if (id === null) return null;
  const [read] = await store.read([id], { signal });
  return read?.state === 'found' ? read.record : null;
}

function previewField(
  mapping: CompiledMapping,
  field: MappedField,
  records: Readonly<Record<Side, StoreRecord | null>>,
): PreviewField {
  const shown = (side: Side): FieldValue | undefined => {
    const record = records[side];
    return record === null ? undefined : getFields(mapping, side, record)[field.name];
  };
  const held = (side: Side, value: FieldValue | undefined): FieldValue | 'lost' | undefined => {
    if (value === undefined) return undefined;
    const projected = field.project(side, value);
    return projected === undefined ? 'lost' : projected;
  };
  const [mailbox, crm] = [shown('a'), shown('b')];
  return {
    field: field.name,
    type: field.type,
    mailboxProperty: field.property.a,
    crmProperty: field.property.b,
    mailbox,
    crm,
    same: mailbox !== undefined && crm !== undefined && field.equal(mailbox, crm),
    mailboxInCrm: field.flows.a === 'never' ? undefined : held('b', mailbox),
    crmInMailbox: field.flows.b === 'never' ? undefined : held('a', crm),
    flows: field.flows,
  };
}

export interface PreviewOptions extends OfKind {
  readonly fields: readonly FieldRule[];
  readonly crm: string;
  readonly mailbox?: string | undefined;
  /** Records to show and to try the laws on; null = only values that fields of each type meet. */
  readonly pair: RecordPair | null;
  readonly region: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a mapping would make of a real record, and the laws that it breaks. Reads both stores; writes to neither. */
export async function previewMapping(platform: ActingPlatform, of: PreviewOptions): Promise<MappingPreview> {
  const lane = await laneOf(platform, of);
  const { kind = 'contact', window, signal } = of;
  const mapping: Mapping = { version: 1, kind, fields: [...of.fields] };
  const stores = storesOf(platform, lane, { mapping, kind, window });
  const [a, b] = await Promise.all([stores.a.probe({ signal }), stores.b.probe({ signal })]);
  const canon = createCanon({ region: of.region });
  const compiled = compileMapping(mapping, { a: a.catalogue, b: b.catalogue }, canon);
  const records = {
    a: await readOne(stores.a, of.pair?.mailboxId ?? null, signal),
    b: await readOne(stores.b, of.pair?.crmId ?? null, signal),
  };
  const present = { a: records.a === null ? [] : [records.a], b: records.b === null ? [] : [records.b] };
  const blocking = compiled.findings.filter(({ severity }) => severity === 'block');
  return {
    fields: compiled.fields.map((field) => previewField(compiled, field, records)),
    findings: compiled.findings,
    problems: [
      ...blocking.map(({ text, remedy }) => ({ path: 'mapping', reason: text, remedy: remedy ?? '' })),
      ...lensProblems(compiled, present),
    ],
  };
}
