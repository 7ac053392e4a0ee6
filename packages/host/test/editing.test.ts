import { readdir, readFile, writeFile } from 'node:fs/promises';
import { InputError } from '@tidelock/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConfigEditor, editYaml, type LivePlatform, openLivePlatform } from '../src/index.ts';
import { createFakeFolder, type FakeFolder, GOOD, quiet, resetTrace } from './fake-folder.ts';

describe('editing a document', () => {
  const TEXT = `# ours
version: 1 # the first
mailboxes:
  # the boss
  - address: ann@contoso.example # since May
    records: all
  - { address: bob@contoso.example }
sync:
  master: crm # never change this
`;

  it('leaves comments and everything that was not named where it was', () => {
    const text = editYaml(TEXT, [
      { path: ['sync', 'master'], value: 'mailbox' },
      { path: ['profiles', 'sales'], value: { contacts: { direction: 'both' } } },
    ]);
    expect(text).toBe(`${TEXT.replace('master: crm', 'master: mailbox')}profiles:
  sales:
    contacts:
      direction: both
`);
  });

  it('entries of a list keep their comments, also when others come and go', () => {
    const mailboxes = [
      { address: 'cid@contoso.example' },
      { address: 'ann@contoso.example', records: 'own', profile: 'sales' },
    ];
    const text = editYaml(TEXT, [{ path: ['mailboxes'], value: mailboxes }]);
    expect(text).toContain('address: ann@contoso.example # since May');
    expect(text).toContain('# the boss');
    expect(text).toContain('profile: sales');
    expect(text).not.toContain('bob@');
  });

  it('removes what is to be gone, and nothing happens where it was not there', () => {
    const text = editYaml(TEXT, [{ path: ['sync'], value: undefined }]);
    expect(text).not.toContain('sync');
    expect(editYaml(text, [{ path: ['a', 'b'], value: undefined }])).toBe(text);
  });
});

describe('editing the configuration of a running process', () => {
  let folder: FakeFolder;
  let live: LivePlatform;
  const file = () => `${folder.path}/tidelock.yaml`;
  const clock = { now: () => Date.parse('2026-08-01T06:00:00Z'), mono: () => 0, sleep: async () => {} };
  const audit = globalThis as { tidelockAudit?: { who: string; act: string; after: unknown }[] };

  beforeEach(async () => {
    resetTrace();
    audit.tidelockAudit = [];
    folder = await createFakeFolder();
    const text = `# kept\n${GOOD}`;
    live = await openLivePlatform({
      configPath: await folder.config(text),
      overrides: { log: quiet, clock },
      env: {},
    });
  });
  afterEach(async () => {
    await live.close();
    await folder.remove();
  });

  const sales = (direction: string) => () => [
    { path: ['profiles', 'sales'], value: { contacts: { direction } } },
  ];

  it('is in force at once, stands in the trail under its name, and the earlier one is kept', async () => {
    const editor = createConfigEditor(live);
    const before = await editor.read();
    const saved = await editor.save(sales('crm>mailbox'), { who: 'Ann', version: before.version });
    expect(saved.changed).toBe(true);
    expect(
      live
        .now()
        .profiles()
        .map(({ name }) => name),
    ).toEqual(['default', 'sales']);
    expect(await readFile(file(), 'utf8')).toMatch(/^# kept\n/);
    expect(audit.tidelockAudit).toMatchObject([
      { who: 'Ann', act: 'config.changed', after: { 'profiles.sales.contacts.direction': 'crm>mailbox' } },
      { who: 'Ann', act: 'profile.added' },
      { who: 'Ann', act: 'profile.added' },
    ]);
    const [kept, ...more] = await editor.earlier();
    expect(more).toEqual([]);
    expect(kept?.until).toBe(clock.now());
    await editor.restore(kept?.id ?? '', { who: 'Bob' });
    expect(await readFile(file(), 'utf8')).toBe(before.text);
    await expect(editor.restore('../../etc/passwd', { who: 'Bob' })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('what is refused changes nothing, and all that is wrong is named', async () => {
    const editor = createConfigEditor(live);
    const before = await editor.read();
    const wrong = () => [
      ...sales('sideways')(),
      { path: ['defaultProfile'], value: 'slaes' },
      { path: ['mailboxes'], value: [{ address: 'no address' }] },
    ];
    const error = await editor.save(wrong, { who: 'Ann' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).problems.map(({ path }) => path.replace(/ .*/, ''))).toEqual([
      'mailboxes[0].address',
      'profiles.sales.contacts.direction',
      'defaultProfile',
    ]);
    expect(await editor.read()).toEqual(before);
    expect(await editor.earlier()).toEqual([]);
    expect(audit.tidelockAudit).toEqual([]);
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('a change made on another text is refused', async () => {
    const editor = createConfigEditor(live);
    const { version } = await editor.read();
    await writeFile(file(), `${GOOD}sync: { master: mailbox }\n`);
    await expect(editor.save(sales('both'), { who: 'Ann', version })).rejects.toMatchObject({
      kind: 'conflict',
    });
    await editor.save(sales('both'), { who: 'Ann' });
    expect(live.config.sync.master).toBe('mailbox');
  });

  it('two changes at once are both made', async () => {
    const editor = createConfigEditor(live);
    await Promise.all([
      editor.save(sales('both'), { who: 'Ann' }),
      editor.save(() => [{ path: ['sync', 'region'], value: 'DE' }], { who: 'Bob' }),
    ]);
    expect([live.config.sync.region, Object.keys(live.config.profiles)]).toEqual(['DE', ['sales']]);
  });

  it('what cannot be put in force is taken back', async () => {
    await folder.addPackage('crm', {}, 'crm-broken');
    const text = await readFile(`${folder.path}/node_modules/crm-broken/index.js`, 'utf8');
    const failing = text.replace(
      "trace.events.push('open crm');",
      "throw Object.assign(new Error('no'), { name: 'AdapterError', kind: 'unavailable', operation: 'x' });",
    );
    await writeFile(`${folder.path}/node_modules/crm-broken/index.js`, failing);
    const editor = createConfigEditor(live);
    const before = await editor.read();
    const change = () => [{ path: ['crm', 'adapter'], value: 'crm-broken' }];
    await expect(editor.save(change, { who: 'Ann' })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await editor.read()).toEqual(before);
    expect(live.now().adapters.crm.name).toBe('@fake/crm');
    expect(audit.tidelockAudit).toEqual([]);
  });

  it('what the process stands on is not changed', async () => {
    const editor = createConfigEditor(live);
    const change = () => [{ path: ['data'], value: 'elsewhere' }];
    await expect(editor.save(change, { who: 'Ann' })).rejects.toMatchObject({ kind: 'conflict' });
  });
});
