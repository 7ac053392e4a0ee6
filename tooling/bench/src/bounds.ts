/** One figure of the must-show list with the bound it is held to. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Largest value that passes; null: reported only. */
  readonly bound: number | null;
}

export interface Section {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Raw material for whoever looks closer. */
  readonly details?: unknown;
}

export const passes = ({ value, bound }: Figure): boolean => bound === null || value <= bound;

const shown = (value: number): string => {
  if (!Number.isFinite(value)) return '-';
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return value.toLocaleString('en', { maximumSignificantDigits: value < 100 ? 3 : 6 });
};

/** A Markdown table, which reads well on a terminal too. */
export function toTable(sections: readonly Section[]): string {
  const rows = sections.flatMap(({ name, figures }) =>
    figures.map((figure) => [
      name,
      figure.name,
      `${shown(figure.value)} ${figure.unit}`.trim(),
      figure.bound === null ? '' : `${shown(figure.bound)} ${figure.unit}`.trim(),
      figure.bound === null ? '' : passes(figure) ? 'pass' : 'FAIL',
    ]),
  );
  const lines = [['benchmark', 'figure', 'measured', 'at most', ''], ...rows];
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(...lines.map((line) => line[at]?.length ?? 0), 3));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (at === 2 || at === 3 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 2 || at === 3 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [line(head), rule, ...body.map(line)].join('\n');
}
