import { describe, expect, it } from 'vitest';
import { allShown, caseTable, missingIn, numberOf, shownIn, writtenTable } from '../src/case-table.ts';

describe('the acceptance cases', () => {
  it('AC-01 to AC-43 are each shown with Salesforce and with HubSpot', () => {
    expect(missingIn(allShown())).toEqual([]);
  });

  it('stand in the README with the files that show them (else: src/case-table.ts --write)', () => {
    expect(writtenTable()).toBe(caseTable(allShown()));
  });

  it('are missed when a name loses its number, or a block its second CRM', () => {
    const source = "describe.each(VENDORS)('x: %s', () => {\n  it('AC-07, AC-08 y', () => {});\n});\n";
    const shown = allShown().filter(({ number }) => number !== 'AC-07' && number !== 'AC-08');
    expect(missingIn([...shown, ...shownIn('one', source)])).toEqual([]);
    expect(missingIn([...shown, ...shownIn('one', source.replace('.each(VENDORS)', ''))])).toEqual([
      'AC-07 with hubspot',
      'AC-08 with hubspot',
    ]);
    expect(missingIn([...shown, ...shownIn('one', source.replace('AC-07, ', ''))])).toEqual([
      'AC-07 with salesforce',
      'AC-07 with hubspot',
    ]);
    expect(() => shownIn('one', source.replace('  it(', '  it.skip('))).toThrow(/leaves out tests/);
    expect(numberOf(42)).toBe('AC-43');
  });
});
