import type { ReachReport, ReachRow } from './proof.ts';
import { isTrouble, type ReachVerdict } from './verdict.ts';

export type ReachFormat = 'csv' | 'html' | 'json';

const WORDS: Readonly<Record<ReachVerdict, string>> = {
  open: 'open, as intended',
  closed: 'closed, as intended',
  'too-wide': 'OPEN, though no rule names it',
  missing: 'CLOSED, though a rule names it',
  'no-mailbox': 'no mailbox',
  unknown: 'could not be told',
};

export const sayVerdict = (verdict: ReachVerdict): string => WORDS[verdict];

/** Spreadsheets take cells that begin like this for formulas. */
const cell = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};

function toCsv({ rows, at }: ReachReport): string {
  const lines = rows.map(({ address, name, intended, verdict }) =>
    [address, name, intended ? 'yes' : 'no', verdict, new Date(at).toISOString()].map(cell).join(','),
  );
  return `${['"mailbox","name","intended","reach","at"', ...lines].join('\r\n')}\r\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

const htmlRow = ({ address, name, intended, verdict }: ReachRow): string =>
  `<tr${isTrouble(verdict, intended) ? ' class="bad"' : ''}><td>${escapeHtml(address)}</td><td>${escapeHtml(name)}</td><td>${
    intended ? 'yes' : 'no'
  }</td><td>${WORDS[verdict]}</td></tr>`;

function toHtml(report: ReachReport): string {
  const { rows, findings, at, asIntended } = report;
  const notes = findings.map(
    ({ text, remedy }) => `<li>${escapeHtml(text)} ${escapeHtml(remedy ?? '')}</li>`,
  );
  const verdict = asIntended
    ? 'The app reaches exactly the mailboxes that it is meant to reach.'
    : 'The app’s reach is not what it is meant to be.';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Reach of Tidelock</title>
<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem;border-bottom:1px solid #8884}
.bad td{font-weight:700;color:#b3261e}</style></head>
<body><h1>Reach of Tidelock</h1><p>${new Date(at).toISOString()}</p><p><strong>${verdict}</strong></p>
${notes.length === 0 ? '' : `<ul>${notes.join('')}</ul>`}
<table><thead><tr><th>Mailbox</th><th>Name</th><th>Intended</th><th>Reach</th></tr></thead>
<tbody>
${rows.map(htmlRow).join('\n')}
</tbody></table></body></html>
`;
}

/** A report as a file that needs nothing else. */
export function formatReach(report: ReachReport, format: ReachFormat): string {
  if (format === 'csv') return toCsv(report);
  if (format === 'html') return toHtml(report);
  return `${JSON.stringify({ ...report, at: new Date(report.at).toISOString() }, null, 2)}\n`;
}
