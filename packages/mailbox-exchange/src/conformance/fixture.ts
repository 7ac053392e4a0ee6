import type { FaultKind, RecordFaults, RecordStoreFixture } from '@tidelock/conformance';
import type { Fields } from '@tidelock/core';
import { fromGraph, toGraph, WireContact } from '../index.ts';
import { signIn } from './sign-in.ts';
import { createWorld, json, type Seen, type World, type WorldOptions } from './world.ts';

type Step = { id: string; method: string; url: string };

const stepsOf = ({ method, url, body }: Seen): readonly Step[] =>
  url.pathname.endsWith('/$batch')
    ? (body as { requests: Step[] }).requests
    : [{ id: '', method, url: url.pathname }];

const isWrite = (seen: Seen): boolean => stepsOf(seen).some((step) => step.method !== 'GET');

const STATUSES: Record<Exclude<FaultKind, 'timeout'>, () => Promise<Response>> = {
  '401': () => json(401, { error: { code: 'InvalidAuthenticationToken', message: '' } }),
  '403': () => json(403, { error: { code: 'ErrorAccessDenied', message: '' } }),
  '429': () => json(429, { error: { code: 'ApplicationThrottled', message: '' } }, { 'retry-after': '3' }),
  '500': () => json(500, { error: { code: 'ErrorInternalServerError', message: '' } }),
};

const reset = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'));

/** Faults on the way between adapter and service, whatever the request; nothing reaches the emulator. */
export function createFaults({ control, emulator, admin, ann }: World): RecordFaults {
  return {
    next: (kind, only) => {
      control.intercept = (seen) => {
        if (only !== undefined && isWrite(seen) !== (only === 'write')) return undefined;
        return kind === 'timeout' ? reset() : STATUSES[kind]();
      };
    },
    loseAnswer: (applied) => {
      control.intercept = (seen, init) => {
        if (!isWrite(seen)) return undefined;
        control.intercept = undefined;
        return applied ? emulator.fetch(seen.url, init).then(reset) : reset();
      };
    },
    expireCursor: () => admin.expireDeltaTokens(ann),
    endlessPages: () =>
      void emulator.faults.inject({ times: 1_000, fault: { kind: 'named', name: 'endless-pages' } }),
    dropBatchItem: () => {
      control.intercept = (seen, init) => {
        if (!isWrite(seen)) return undefined;
        emulator.faults.inject({ fault: { kind: 'named', name: 'partial-batch' } });
        return emulator.fetch(seen.url, init);
      };
    },
    dropReadItem: () => {
      control.intercept = (seen, init) => {
        if (!seen.url.pathname.endsWith('/$batch') || isWrite(seen)) return undefined;
        emulator.faults.inject({ fault: { kind: 'named', name: 'partial-batch' } });
        return emulator.fetch(seen.url, init);
      };
    },
    clear: () => {
      control.intercept = undefined;
      emulator.faults.clear();
    },
  };
}

/** What Outlook would send for the fields: a person fills the same form. */
function createOracle(world: World): RecordStoreFixture['oracle'] {
  const { admin, ann, emulator, options } = world;
  const layout = { namespace: options.namespace, custom: options.custom };
  const outside = admin.createFolder(ann, 'Elsewhere').id;
  const read = (id: string) => {
    const contact = emulator.oracle.contact(ann, id);
    if (contact === undefined) throw new Error('no such contact');
    const wire = WireContact.parse({ ...contact, singleValueExtendedProperties: contact.extended });
    return { contact, fields: fromGraph(wire, layout, { extended: true }) };
  };
  const inside = () => {
    const folder = emulator.oracle.folders(ann).find((each) => each.isDefault)?.id;
    return emulator.oracle.contacts(ann).filter((contact) => contact.folderId === folder);
  };
  return {
    all: async () =>
      inside().map(({ immutableId, extended }) => ({
        id: immutableId,
        fields: read(immutableId).fields,
        stamp: extended.find(({ id }) => id.endsWith(' Name TidelockStamp'))?.value ?? null,
      })),
    userCreate: async (fields: Fields) => admin.createContact(ann, toGraph(fields, layout)).immutableId,
    userUpdate: async (id, patch) => {
      const before = { fields: read(id).fields };
      void admin.updateContact(ann, id, toGraph(patch, layout, { before }));
    },
    userDelete: async (id) => void admin.deleteContact(ann, id),
    userMove: async (id) => void admin.moveContact(ann, id, outside),
  };
}

export async function createFixture(
  given: WorldOptions = {},
): Promise<RecordStoreFixture & { readonly world: World }> {
  const world = await createWorld({ signIn, ...given });
  return {
    world,
    store: world.store,
    oracle: createOracle(world),
    faults: createFaults(world),
    clock: { advance: (ms) => world.clock.advance(ms) },
    sample: {
      name: 'surname',
      email: 'email1',
      phone: 'businessPhone',
      text: 'jobTitle',
      refused: { surname: 'x'.repeat(256) },
    },
    requests: () => world.seen.length,
    leaks: { secrets: world.tokens.issued, logged: () => world.lines.join('\n') },
    dispose: () => world.port.close(),
  };
}
