import type { FieldRule, Mapping } from '@tidelock/core';

const DIRECTION: Readonly<Record<FieldRule['direction'], string>> = {
  both: 'both ways',
  'mailbox>crm': 'to the CRM',
  'crm>mailbox': 'to the mailbox',
  'mailbox>crm once': 'to the CRM, once',
  'crm>mailbox once': 'to the mailbox, once',
};

const CONFLICT: Readonly<Record<FieldRule['conflict'], string>> = {
  newer: 'newer wins',
  crm: 'CRM wins',
  mailbox: 'mailbox wins',
  hold: 'a person decides',
};

function conflictOf({ merge, conflict }: FieldRule): string {
  if (merge === 'text') return `merged line by line, else ${CONFLICT[conflict]}`;
  return merge === 'set' ? 'merged member by member' : CONFLICT[conflict];
}

function notesOf({ optional, blank, fallback, transform }: FieldRule): string {
  return [
    optional ? 'only where the CRM has the field' : '',
    blank === 'keep' ? 'a blank never erases a value' : '',
    fallback.length > 0 ? `where blank and required: ${fallback.join(', then ')}` : '',
    transform === undefined ? '' : `transform \`${transform}\``,
  ]
    .filter((note) => note !== '')
    .join('; ');
}

/** A mapping as a Markdown table. */
export function toMappingTable(mapping: Mapping, names: { mailbox: string; crm: string }): string {
  const rows = mapping.fields.map((rule) => {
    const cells = [
      rule.field,
      `\`${rule.mailbox}\``,
      `\`${rule.crm}\``,
      DIRECTION[rule.direction],
      conflictOf(rule),
      notesOf(rule),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `| field | ${names.mailbox} | ${names.crm} | direction | both changed it | notes |`,
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
