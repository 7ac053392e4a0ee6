import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Names of metrics in an expression; null where it is none. */
function metricsIn(expression: string): string[] | null {
  const found: string[] = [];
  let isWhole = true;
  parser.parse(expression).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) isWhole = false;
      if (type.name === 'Identifier') found.push(expression.slice(from, to));
    },
  });
  return isWhole ? found : null;
}

describe('monitoring', () => {
  const Rules = z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            annotations: z.object({ summary: z.string(), runbook_url: z.string() }),
          }),
        ),
      }),
    ),
  });
  const alerts = Rules.parse(parse(read('deploy/prometheus/alerts.yaml'))).groups.flatMap(
    ({ rules }) => rules,
  );
  const Board = z.object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
  });
  const board = Board.parse(JSON.parse(read('deploy/grafana/tidelock.json')));
  const expressions = [
    ...alerts.map(({ alert, expr }) => ({ where: alert, expr })),
    ...board.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: title, expr }))),
  ];
  const source = read('apps/server/src/metrics.ts');
  const isExported = (metric: string): boolean =>
    metric === 'up' ||
    /^tidelock_(process|nodejs)_/.test(metric) ||
    source.includes(`'${metric.replace(/^tidelock_/, '')}'`) ||
    source.includes(`}${metric.replace(/^tidelock_/, '')}\``);

  it('asks for metrics that the server has, in words that Prometheus knows', () => {
    for (const { where, expr } of expressions) {
      const metrics = metricsIn(expr);
      expect(metrics, where).not.toBeNull();
      expect(
        (metrics ?? []).filter((one) => !isExported(one)),
        where,
      ).toEqual([]);
    }
    expect(metricsIn('sum(rate(tidelock_x[5m])')).toBeNull();
    expect(isExported('tidelock_nothing_total')).toBe(false);
  });

  it('has a runbook for each alert, and no other', () => {
    const headings = [...read('docs/runbooks.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(headings).toEqual(alerts.map(({ alert }) => alert));
    for (const { alert, annotations } of alerts)
      expect(annotations.runbook_url).toMatch(new RegExp(`/docs/runbooks\\.md#${alert.toLowerCase()}$`));
  });
});
