import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readVcards } from '../src/demo/vcard.ts';

const SHARED = fileURLToPath(new URL('../../../../shared/data/vcards', import.meta.url));
const read = (text: string) => readVcards(new TextEncoder().encode(text));
const card = (...lines: string[]) => ['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n');

describe('vCards', () => {
  it('reads 2.1 with quoted-printable, soft breaks, charset, bare types and a photo', () => {
    const { contacts, problems } = read(
      card(
        'VERSION:2.1',
        'N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg',
        'NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=',
        'two; three',
        'TEL;CELL;PREF:0171 123',
        'PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD',
        'QkZJRgABAQAAAQABAADQkZJRg==',
        '',
        'EMAIL;INTERNET:a@example.org',
      ),
    );
    expect(problems).toEqual([]);
    expect(contacts).toEqual([
      {
        surname: 'Müller',
        givenName: 'Jörg',
        mobilePhone: '0171 123',
        personalNotes: 'one\ntwo; three',
        emailAddresses: [{ address: 'a@example.org', name: 'a@example.org' }],
      },
    ]);
  });

  it('reads 3.0 with groups, folding and escapes', () => {
    const { contacts } = read(
      card(
        'VERSION:3.0',
        'item1.N:Doe;Jane;;;',
        'FN:Jane',
        '  Doe',
        'ORG:Smith\\, Sons;Sales\\; East',
        'item2.ADR;TYPE=HOME:;;1 Road\\nFlat 2;Town;;99;',
        'URL:http\\://example.org',
      ),
    );
    expect(contacts[0]).toMatchObject({
      displayName: 'Jane Doe',
      companyName: 'Smith, Sons',
      department: 'Sales; East',
      businessHomePage: 'http://example.org',
      homeAddress: { street: '1 Road\nFlat 2', city: 'Town', postalCode: '99' },
    });
  });

  it('reads 4.0 with tel URIs, PREF numbers and a birthday without year', () => {
    const { contacts, left } = read(
      card(
        'VERSION:4.0',
        'FN:Ana Maria Lee',
        'BDAY:--0203',
        'TEL;VALUE=uri;TYPE="work,voice";PREF=2:tel:+1-418-656-9254;ext=102',
        'TEL;TYPE=work;PREF=1:+14185550100',
        ...[1, 2, 3, 4].map((n) => `EMAIL;PREF=${5 - n}:e${n}@example.org`),
      ),
    );
    expect(contacts[0]).toMatchObject({
      surname: 'Lee',
      givenName: 'Ana Maria',
      birthday: '1604-02-03T11:59:00Z',
      businessPhones: ['+14185550100', '+1-418-656-9254 ext. 102'],
    });
    const emails = contacts[0]?.emailAddresses as { address: string }[];
    expect(emails.map((email) => email.address)).toEqual([
      'e4@example.org',
      'e3@example.org',
      'e2@example.org',
    ]);
    expect(left).toBe(1);
  });

  it('reports malformed cards by number and reason and loads the others', () => {
    const good = (name: string) => card('VERSION:3.0', `N:${name};A;;;`);
    const text = [
      good('One'),
      'BEGIN:VCARD\r\nVERSION:3.0\r\nN:Two;B\r\n',
      good('Three'),
      card('VERSION:9.9', 'FN:X'),
      card('VERSION:3.0', 'N:Five;E', 'no colon here'),
      card('VERSION:3.0', 'NOTE:nobody'),
      good('Seven'),
    ].join('');
    const { contacts, problems } = read(text);
    expect(contacts.map((contact) => contact.surname)).toEqual(['One', 'Three', 'Seven']);
    expect(problems.map(({ card, reason }) => [card, reason])).toEqual([
      [2, 'END:VCARD is missing'],
      [4, 'version 9.9 is none of 2.1, 3.0, 4.0'],
      [5, '"no colon here" is not a property'],
      [6, 'it has neither a name, a company, an e-mail address nor a telephone'],
    ]);
    expect(read('hello\nworld').problems).toEqual([{ card: 1, line: 1, reason: 'text outside of a card' }]);
    expect(read('').problems).toHaveLength(1);
  });

  it('keeps a card with an agent inside whole, and refuses impossible birthdays', () => {
    const text = card(
      'VERSION:2.1',
      'N:Boss;Big',
      'AGENT:',
      'BEGIN:VCARD',
      'N:Aide;Al',
      'END:VCARD',
      'BDAY:19800230',
    );
    const { contacts, problems, left } = read(text);
    expect(problems).toEqual([]);
    expect(contacts).toEqual([{ surname: 'Boss', givenName: 'Big' }]);
    // There is no 30 February: that value stays behind, and is counted.
    expect(left).toBe(1);
  });

  it.each(['utf16le', 'utf16be', 'utf8'] as const)('reads a file in %s with a mark of order', (encoding) => {
    const text = '\ufeffBEGIN:VCARD\r\nVERSION:3.0\r\nN:Müller;Jörg\r\nEND:VCARD\r\n';
    const bytes = Buffer.from(text, encoding === 'utf8' ? 'utf8' : 'utf16le');
    const { contacts, problems } = readVcards(encoding === 'utf16be' ? bytes.swap16() : bytes);
    expect(problems).toEqual([]);
    expect(contacts).toEqual([{ surname: 'Müller', givenName: 'Jörg' }]);
  });

  it('reads a line of 10 MB among others', () => {
    const note = 'x'.repeat(10 * 1024 * 1024);
    const { contacts, problems } = readVcards(
      Buffer.from(
        `BEGIN:VCARD\nVERSION:3.0\nN:A;B\nNOTE:${note}\nEND:VCARD\nBEGIN:VCARD\nN:C;D\nEND:VCARD\n`,
      ),
    );
    expect(problems).toEqual([]);
    expect(contacts.map((contact) => contact.surname)).toEqual(['A', 'C']);
    expect(String(contacts[0]?.personalNotes)).toHaveLength(note.length);
  });

  it.skipIf(!existsSync(SHARED))(
    existsSync(SHARED)
      ? 'reads every shared vCard'
      : 'reads every shared vCard [skipped: ../shared is absent]',
    () => {
      const files = readdirSync(SHARED).filter((name) => name.endsWith('.vcf'));
      expect(files.length).toBeGreaterThan(10);
      for (const name of files) {
        const bytes = readFileSync(join(SHARED, name));
        const { contacts, problems } = readVcards(bytes);
        expect(problems, name).toEqual([]);
        expect(contacts, name).toHaveLength(bytes.toString('latin1').match(/^BEGIN:VCARD/gm)?.length ?? 0);
        for (const contact of contacts)
          expect(JSON.stringify(contact), name).not.toMatch(/\ufffd|=C3|9j\/4AAQ/);
      }
    },
  );
});
