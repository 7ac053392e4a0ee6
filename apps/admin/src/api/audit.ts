import { addressOf, get, pathWith } from './client.ts';

export interface AuditEntry {
  readonly seq: number;
  readonly at: number;
  readonly who: string;
  readonly act: string;
  readonly subject: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly more: boolean;
}

export const readAudit = (before: number | null): Promise<AuditPage> => get('/audit', { before, limit: 100 });

/** One JSON object a line. */
export const auditExport = (): string => addressOf(pathWith('/audit/export'));
