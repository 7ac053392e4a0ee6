import { describe, expect, it } from 'vitest';
import { accessFindings } from '../src/probe.ts';

describe('rights that are missing', () => {
  const access = { createable: true, updateable: false, deletable: false };

  it.each([
    ['Contact', 'contact-access'],
    ['Event', 'event-access'],
  ] as const)('are named, with what gives them: %s', (object, code) => {
    expect(accessFindings({ access }, { object, grant: 'Edit it' })).toEqual([
      {
        code,
        severity: 'warn',
        text: `The integration user lacks rights on ${object}: Edit, Delete.`,
        remedy: 'Give it the permission set of the README: Edit it.',
      },
    ]);
  });

  it('are none where all are there', () => {
    const all = { createable: true, updateable: true, deletable: true };
    expect(accessFindings({ access: all }, { object: 'Event', grant: 'Edit it' })).toEqual([]);
  });
});
