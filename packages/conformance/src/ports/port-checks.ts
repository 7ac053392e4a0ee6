import assert from 'node:assert/strict';
import type { ErrorKind, Finding } from '@tidelock/core';
import type { FaultKind } from '../record-store/fixture.ts';

export const PORT_FAULTS: readonly (readonly [FaultKind, ErrorKind])[] = [
  ['401', 'auth'],
  ['403', 'forbidden'],
  ['429', 'rate_limited'],
  ['500', 'unavailable'],
  ['timeout', 'unavailable'],
];

export function assertFindings(findings: readonly Finding[]): void {
  for (const finding of findings) {
    assert.match(finding.code, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a finding needs a stable kebab-case code');
    assert.ok(['block', 'warn', 'info'].includes(finding.severity));
    assert.ok(finding.text.length > 0);
    if (finding.severity === 'block')
      assert.ok(finding.remedy, `"${finding.code}" blocks and names no remedy`);
  }
}

export function assertFirst<T>(items: readonly T[]): T {
  const item = items[0];
  assert.ok(item !== undefined, 'the fixture names none');
  return item;
}
