import { answer, api, type Schemas } from './client.ts';

export type AuditEntry = Schemas['AuditEntry'];

export interface AuditPage {
  readonly items: readonly AuditEntry[];
  readonly next: string | null;
}

const PAGE = 100;

export const readAudit = (cursor: string | null): Promise<AuditPage> =>
  answer(
    api.GET('/api/v1/audit', {
      params: { query: cursor === null ? { limit: PAGE } : { limit: PAGE, cursor: Number(cursor) } },
    }),
  );

/** One JSON object a line. */
export const AUDIT_EXPORT = '/api/v1/audit.ndjson';
