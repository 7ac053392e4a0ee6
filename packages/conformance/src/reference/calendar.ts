import {
  boundsOf,
  type EventTime,
  type EventWindow,
  expandSeries,
  type FieldCatalogue,
  type Fields,
  formatWall,
  isAllDay,
  type Occurrences,
  type Recurrence,
  reanchor,
  type Series,
  type StoreCapabilities,
} from '@tidelock/core';
import type { EventOracle } from '../record-store/fixture.ts';
import { REFERENCE_CATALOGUE } from './catalogue.ts';
import { changeRow, insertRow, type Row, type ServerState } from './server.ts';

/** A store without rules has no properties for them. */
export function catalogueOf({ events }: StoreCapabilities): FieldCatalogue {
  if (events?.recurrence !== 'none') return REFERENCE_CATALOGUE;
  const { rule: _, exceptions: __, ...single } = REFERENCE_CATALOGUE;
  return single;
}

function seriesOf(fields: Fields): Series | null {
  const { when, rule, exceptions } = fields;
  if (!when || !rule) return null;
  return {
    time: when as EventTime,
    recurrence: rule as Recurrence,
    occurrences: (exceptions ?? null) as Occurrences | null,
  };
}

/** A patch that reschedules a series takes along what was done to the days it still has. */
export function withExceptions(before: Fields, patch: Fields): Fields {
  const series = seriesOf(before);
  const after = seriesOf({ ...before, ...patch });
  const moves = patch.when !== undefined || patch.rule !== undefined;
  if (series === null || after === null || !moves || patch.exceptions !== undefined) return patch;
  return { ...patch, exceptions: reanchor(series, after).occurrences };
}

const asText = (time: EventTime): string =>
  isAllDay(time) ? time.start : `${formatWall(boundsOf(time).from)}Z`;

function edit(server: ServerState, row: Row, children: Occurrences['byStart']): void {
  const { exceptions } = row.fields;
  const present = exceptions ? (exceptions as Occurrences).byStart : {};
  const patch: Fields = { exceptions: { kind: 'occurrences', byStart: { ...present, ...children } } };
  changeRow(server, row, { patch, by: 'other' });
}

/** A person at the reference server's calendar. */
export function createEventOracle(server: ServerState, rowOf: (id: string) => Row): EventOracle {
  const bounds = ({ from, to }: EventWindow) => ({
    from: Date.parse(`${from}T00:00:00Z`),
    to: Date.parse(`${to}T00:00:00Z`),
  });
  return {
    series: {
      async starts(id, window) {
        const series = seriesOf(rowOf(id).fields);
        return series === null ? [] : expandSeries(series, bounds(window)).map(({ time }) => asText(time));
      },
      cancel: async (id, key) => edit(server, rowOf(id), { [key]: 'cancelled' }),
      change: async (id, key, patch) => edit(server, rowOf(id), { [key]: patch as never }),
    },
    async userMeetOnline(id) {
      const block = '<div>Join the meeting</div>';
      server.blocks.set(id, block);
      return block;
    },
    body: async (id) => `${String(rowOf(id).fields.page ?? '')}${server.blocks.get(id) ?? ''}`,
    async userInvited(fields) {
      const { id } = insertRow(server, fields, { stamp: null, by: 'other' });
      server.foreign.add(id);
      return id;
    },
  };
}
