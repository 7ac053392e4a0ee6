import { type Finding, InputError, isAdapterError } from '@tidelock/core';

export interface CheckResult {
  /** Stable kebab-case name: `keys`, `mailbox`, `crm-setup`. */
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly text: string;
  readonly remedy: string | null;
}

export const okCheck = (name: string, text: string): CheckResult => ({
  name,
  status: 'ok',
  text,
  remedy: null,
});

const SEVERITY = { block: 'fail', warn: 'warn', info: 'ok' } as const;

export function fromFinding(name: string, finding: Finding): CheckResult {
  const { severity, text, remedy } = finding;
  return { name, status: SEVERITY[severity], text, remedy: remedy ?? null };
}

/** A failure as checks: one per problem. Errors that are neither input's nor an adapter's are thrown on. */
export function checksOf(name: string, error: unknown): CheckResult[] {
  if (error instanceof InputError) {
    return error.problems.map(({ path, reason, remedy }) => ({
      name,
      status: 'fail',
      text: `${path}: ${reason}`,
      remedy,
    }));
  }
  if (!isAdapterError(error)) throw error;
  return [{ name, status: 'fail', text: error.message, remedy: error.remedy ?? null }];
}

/** What is only good to know is one line per sort of thing. */
export function fromFindings(name: string, findings: readonly Finding[]): CheckResult[] {
  const information = Map.groupBy(
    findings.filter((finding) => finding.severity === 'info'),
    (finding) => finding.code,
  );
  const notes = [...information.values()].flatMap(([first, ...more]): CheckResult[] => {
    if (first === undefined) return [];
    const text = more.length === 0 ? first.text : `${first.text} (and ${more.length} more like this)`;
    return [{ ...fromFinding(name, first), text }];
  });
  const trouble = findings.filter((finding) => finding.severity !== 'info');
  return [...trouble.map((finding) => fromFinding(name, finding)), ...notes];
}
