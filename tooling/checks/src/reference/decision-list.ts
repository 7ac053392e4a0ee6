import { globSync, readFileSync } from 'node:fs';
import { repository } from '../steps.ts';

/** Links to the pages under docs/decisions by their headings, as seen from docs. */
export function decisionList(): string {
  return globSync('decisions/*.md', { cwd: `${repository}docs` })
    .sort()
    .map((path) => {
      const [heading = ''] = readFileSync(`${repository}docs/${path}`, 'utf8').split('\n');
      return `- [${heading.replace(/^# /, '')}](${path})`;
    })
    .join('\n');
}
