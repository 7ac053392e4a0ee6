import { compileMapping, createCanon } from '@tidelock/engine';
import { type CheckResult, fromFindings, okCheck } from './check-result.ts';
import type { Lanes } from './lanes.ts';

/** The mapping against what both sides can hold, with the first mailbox that takes part. */
export async function mappingChecks(lanes: Lanes, signal?: AbortSignal): Promise<CheckResult[]> {
  const [lane] = await lanes.resolve();
  const mapping = lanes.mapping();
  if (lane === undefined) {
    const text = `the mapping has ${mapping.fields.length} fields; not compared, as no mailbox takes part`;
    return [{ name: 'mapping', status: 'warn', text, remedy: 'Mend the mailboxes above first.' }];
  }
  const { stores, policy } = lane.config;
  const [a, b] = [await stores.a.probe({ signal }), await stores.b.probe({ signal })];
  const canon = createCanon({ region: policy.region });
  const compiled = compileMapping(mapping, { a: a.catalogue, b: b.catalogue }, canon);
  // What the stores note in passing, their own checks have said already.
  const probed = [...a.findings, ...b.findings].filter((finding) => finding.severity !== 'info');
  const findings = [...probed, ...compiled.findings];
  return [
    okCheck('mapping', `${compiled.fields.length} of ${mapping.fields.length} fields are kept in step`),
    ...fromFindings('mapping', findings),
  ];
}
