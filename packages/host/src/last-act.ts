import type { AuditEntry, TenantStore } from '@tidelock/core';
import { TENANT } from './lanes.ts';

const PAGE = 500;

/** The last of these acts in the trail. `all`: however much was done since; else among the last five hundred acts. */
export async function lastAct(
  tenants: Pick<TenantStore, 'audit'>,
  acts: readonly string[],
  { all, since }: { readonly all: boolean; readonly since?: number },
): Promise<AuditEntry | null> {
  const from = since === undefined ? {} : { since };
  for (let before: number | undefined; ; ) {
    const behind = before === undefined ? {} : { before };
    const rows = await tenants.audit(TENANT, { limit: PAGE, ...from, ...behind });
    const found = rows.find(({ act }) => acts.includes(act));
    if (found !== undefined) return found;
    before = rows.at(-1)?.seq;
    if (!all || rows.length < PAGE || before === undefined) return null;
  }
}
