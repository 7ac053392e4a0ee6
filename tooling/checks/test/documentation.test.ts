import { readFileSync } from 'node:fs';
import { adapter as salesforce } from '@tidelock/crm-salesforce';
import { loadConfig, loadMapping } from '@tidelock/host';
import { adapter as exchange } from '@tidelock/mailbox-exchange';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readDocComments } from '../src/reference/doc-comments.ts';
import { generatedValues, PAGES } from '../src/reference/generated-values.ts';
import { fillRegions, regionsOf } from '../src/reference/regions.ts';
import { toRows } from '../src/reference/schema-rows.ts';
import { repository } from '../src/steps.ts';

const read = (path: string): string => readFileSync(`${repository}${path}`, 'utf8');

describe('generated parts of the documentation', () => {
  const values = generatedValues();

  it.each(PAGES)('%s equals what config-reference.ts --write would write', (page) => {
    expect(regionsOf(read(page)).length).toBeGreaterThan(0);
    expect(fillRegions(read(page), values)).toBe(read(page));
  });

  it('shows every generated part somewhere', () => {
    const shown = new Set(PAGES.flatMap((page) => regionsOf(read(page))));
    expect([...shown].sort()).toEqual(Object.keys(values).sort());
  });

  it('notices a page that was changed by hand', () => {
    const page = read('docs/configuration.md').replace('Deadline of one request.', 'Deadline of a request.');
    expect(fillRegions(page, values)).not.toBe(page);
  });

  it('names a region that nobody fills', () => {
    expect(() => fillRegions('<!-- generated:nonsense -->\n<!-- /generated -->', values)).toThrow(
      '"nonsense"',
    );
  });
});

describe('what the tables are made of', () => {
  it('keeps apart what branches of a union ask for', () => {
    const branch = (flow: string, key: string) => ({
      type: 'object',
      properties: { flow: { const: flow }, [key]: { type: 'string' } },
      required: ['flow', key],
    });
    const rows = toRows({ properties: { auth: { oneOf: [branch('jwt', 'user'), branch('cc', 'id')] } } });
    expect(rows.map(({ path, type, within }) => [path, type, within])).toEqual([
      ['auth', 'object', undefined],
      ['auth.flow', '`jwt` or `cc`', undefined],
      ['auth.user', 'text', 'jwt'],
      ['auth.id', 'text', 'cc'],
    ]);
  });

  it('refuses two doc comments that disagree about one key', () => {
    const text = 'const A = { /** One. */ key: 1 };\nconst B = { /** Two. */ key: 2 };';
    expect(() => readDocComments([{ path: 'a.ts', text }])).toThrow('"key"');
  });
});

describe('examples of configuration', () => {
  it('docs/examples/tidelock.yaml is valid, with the options of its adapters', async () => {
    const file = `${repository}docs/examples/tidelock.yaml`;
    const config = await loadConfig(file, { env: {} });
    expect(config.mailboxes.map(({ owner, address }) => owner ?? address)).toEqual([
      'ann@acme.example',
      'robert.baker@acme.example',
    ]);
    const { mailbox, crm } = parse(read('docs/examples/tidelock.yaml')) as {
      mailbox: { options: object };
      crm: { options: object };
    };
    const checked = await Promise.all([
      exchange.options['~standard'].validate({ ...mailbox.options, tenant: 'acme.example' }),
      salesforce.options['~standard'].validate(crm.options),
    ]);
    expect(checked.map((result) => result.issues)).toEqual([undefined, undefined]);
  });

  it('docs/examples/mapping.yaml is a valid mapping', async () => {
    const mapping = await loadMapping(`${repository}docs/examples/mapping.yaml`);
    expect(mapping.fields.map((rule) => rule.field)).toContain('interests');
  });
});
