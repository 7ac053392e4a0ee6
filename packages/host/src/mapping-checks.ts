import { compileMapping, createCanon } from '@tidelock/engine';
import { type CheckResult, fromFindings, okCheck } from './check-result.ts';
import type { Lanes } from './lanes.ts';

type Lane = Awaited<ReturnType<Lanes['resolve']>>[number];

async function laneChecks(
  lane: Lane,
  of: { readonly prefix: string; readonly signal: AbortSignal | undefined },
): Promise<CheckResult[]> {
  const { prefix, signal } = of;
  const { stores, policy, mapping } = lane.config;
  const [a, b] = [await stores.a.probe({ signal }), await stores.b.probe({ signal })];
  const canon = createCanon({ region: policy.region });
  const compiled = compileMapping(mapping, { a: a.catalogue, b: b.catalogue }, canon);
  // What the stores note in passing, their own checks have said already.
  const probed = [...a.findings, ...b.findings].filter((finding) => finding.severity !== 'info');
  const kept = `${prefix}${compiled.fields.length} of ${mapping.fields.length} fields are kept in step`;
  return [okCheck('mapping', kept), ...fromFindings('mapping', [...probed, ...compiled.findings])];
}

/** The mapping against what both sides can hold, with the first mailbox that takes part with each CRM. */
export async function mappingChecks(lanes: Lanes, signal?: AbortSignal): Promise<CheckResult[]> {
  const byCrm = [...Map.groupBy(await lanes.resolve(), (lane) => lane.info.crm)];
  if (byCrm.length === 0) {
    const { fields } = lanes.mapping();
    const text = `the mapping has ${fields.length} fields; not compared, as no mailbox takes part`;
    return [{ name: 'mapping', status: 'warn', text, remedy: 'Mend the mailboxes above first.' }];
  }
  const checks: CheckResult[] = [];
  for (const [name, [lane]] of byCrm)
    if (lane)
      checks.push(...(await laneChecks(lane, { prefix: byCrm.length === 1 ? '' : `${name}: `, signal })));
  return checks;
}
