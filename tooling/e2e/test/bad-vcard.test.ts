import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '../src/cli.ts';

// Each test starts the real program several times.
vi.setConfig({ testTimeout: 180_000 });

const card = (lines: readonly string[]): string =>
  ['BEGIN:VCARD', 'VERSION:3.0', ...lines, 'END:VCARD', ''].join('\r\n');
const CARDS = [
  card(['N:Goodfellow;Ada;;;', 'FN:Ada Goodfellow', 'EMAIL:ada.goodfellow@vcards.example']),
  'BEGIN:VCARD\r\nVERSION:9.9\r\nN:Broken;Card;;;\r\nEND:VCARD\r\n',
  card(['N:Goodwill;Ben;;;', 'FN:Ben Goodwill', 'EMAIL:ben.goodwill@vcards.example']),
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidelock-e2e-vcards-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('vCards at the command line', () => {
  it('a malformed card among good ones is reported with its place and reason; the rest load', async () => {
    writeFileSync(join(folder, 'people.vcf'), CARDS.join(''));
    const { code, out, err } = await runCli(['demo', '--once', '--contacts', 'people.vcf'], { cwd: folder });
    expect([code, err]).toEqual([0, expect.any(String)]);
    expect(out).toMatch(/people\.vcf: 2 vCards into the first mailbox/);
    expect(out).toMatch(
      /people\.vcf: card 2 \(line \d+\) left out: version 9\.9 is none of 2\.1, 3\.0, 4\.0/,
    );
  });

  it('files that cannot be read are all named at once', async () => {
    const names = ['--contacts', 'none.vcf', '--contacts', 'nothing.vcf'];
    const { code, err } = await runCli(['demo', '--once', ...names], { cwd: folder });
    expect(code).toBe(2);
    for (const name of ['none.vcf', 'nothing.vcf']) expect(err).toContain(`${name} cannot be read (ENOENT)`);
    expect(err).toContain('→ Name a vCard file.');
  });
});
