/** One value of a property and where it came from. */
export interface ValueEntry {
  readonly value: string;
  readonly at: number;
  readonly source: 'INTEGRATION' | 'CRM_UI' | 'MERGE_OBJECTS';
  /** App or user. */
  readonly sourceId: string;
}

/** One version of a record. Versions are never changed, only replaced. */
export interface Row {
  readonly id: string;
  /** Set properties only; the stamps are not among them. */
  readonly values: Readonly<Record<string, string>>;
  /** Newest first, per property. */
  readonly history: Readonly<Record<string, readonly ValueEntry[]>>;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly archivedAt: number | null;
  /** Ids that were merged into this one; reads of them answer with this record. */
  readonly mergedIds: readonly string[];
}

/** Ids are decimal: order is by length, then by digits. */
export function compareIds(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
