/** The dates of a calendar that are looked at, milliseconds; `to` exclusive. */
export interface View {
  /** 0 = all dates there are. */
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);

export const ALL_DATES: View = { index: 0, from: at('2026-01-01'), to: at('2029-01-01') };

/** All there is; without the first days; without what begins late; without March. */
export const VIEWS: readonly View[] = [
  ALL_DATES,
  { index: 1, from: at('2027-03-04'), to: at('2028-03-04') },
  { index: 2, from: at('2026-03-05'), to: at('2027-03-05') },
  { index: 3, from: at('2027-03-29'), to: at('2028-03-29') },
];
