import { describe, expect, it, vi } from 'vitest';
import { createBadScene, installAdapter } from '../src/bad-input.ts';
import { CLIENT_ID } from '../src/stage.ts';

// Each test starts the real program several times.
vi.setConfig({ testTimeout: 180_000 });

const STRANGER =
  "export const adapter = { contract: 'crm@9', name: '@acme/crm-old', title: 'x', " +
  "options: { '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value }) } }, " +
  "create() { throw new Error('created'); } };";

describe('a configuration that cannot work', () => {
  it('every mistake is listed at once, with path, reason and remedy; nothing was touched', async () => {
    await using scene = await createBadScene();
    const { stage, config } = scene;
    const before = scene.picture();
    stage.writeConfig({
      ...config,
      mailbox: { ...config.mailbox, options: { ...config.mailbox.options, pageSize: 'many' } },
      crm: { ...config.crm, adapter: '@tidelock/crm-salesfroce' },
      colour: 1,
      sync: { region: 'usa', brake: { share: 7 } },
      mailboxes: [{ address: 'nobody' }],
    });
    const { code, err } = await scene.run();
    expect(code).toBe(2);
    expect(err).toContain(`${stage.configPath} has 6 problems.`);
    // What the adapters say comes with the rest.
    expect(err).toMatch(/crm\.adapter \(\d+:\d+\)\n.*not installed/);
    expect(err).toMatch(/mailbox\.options\.pageSize \(\d+:\d+\)\n.*a number/);
    expect(err).toMatch(
      /mailboxes\[0\]\.address \(\d+:\d+\)\n\s+not an e-mail address\n\s+→ Correct the value\./,
    );
    expect(err).toMatch(/sync\.region \(\d+:\d+\)\n\s+two capital letters/);
    expect(err).toMatch(/sync\.brake\.share \(\d+:\d+\)\n\s+is too large: at most 1\n/);
    expect(err).toMatch(
      /colour \(\d+:\d+\)\n\s+unknown key "colour"\n\s+→ Remove it; known here: version, data/,
    );

    const auth = { flow: 'jwt' };
    stage.writeConfig({
      ...config,
      token: { ...config.token, options: { clientId: 'x', keys: [] } },
      crm: { ...config.crm, options: { auth, extra: 1 } },
    });
    const options = await scene.run(['sync', '--json']);
    expect(options.code).toBe(2);
    const { error } = JSON.parse(options.out);
    expect(error.problems.map((problem: { path: string }) => problem.path.split(' ')[0])).toEqual([
      'token.options.clientId',
      'token.options.keys',
      'crm.options.auth.consumerKey',
      'crm.options.auth.username',
      'crm.options.auth.key',
      'crm.options.extra',
    ]);
    for (const problem of error.problems) {
      expect(problem.reason).not.toBe('');
      expect(problem.remedy).not.toBe('');
    }
    expect(scene.picture()).toEqual(before);
    stage.writeConfig(config);
    expect((await scene.run()).code).toBe(0);
    expect(scene.picture().crm).toHaveLength(11);
  });

  it('an unknown adapter is named, and a slip of the pen is not answered with an installation', async () => {
    await using scene = await createBadScene({ synced: false });
    const { stage, config } = scene;
    stage.writeConfig({ ...config, crm: { ...config.crm, adapter: '@tidelock/crm-salesfroce' } });
    const slip = await scene.run();
    expect(slip.code).toBe(2);
    expect(slip.err).toMatch(
      /crm\.adapter \(\d+:\d+\)\n\s+the package @tidelock\/crm-salesfroce is not installed\n\s+→ Did you mean @tidelock\/crm-salesforce\?/,
    );
    expect(slip.err).not.toContain('npm install');
    stage.writeConfig({ ...config, crm: { ...config.crm, adapter: '@acme/something' } });
    const other = await scene.run();
    expect(other.code).toBe(2);
    expect(other.err).toContain('→ Run: npm install @acme/something');
  });

  it('an adapter of a contract version that is not supported is refused by name, and not created', async () => {
    await using scene = await createBadScene({ synced: false });
    const { stage, config } = scene;
    installAdapter(stage, '@acme/crm-old', STRANGER);
    stage.writeConfig({ ...config, crm: { adapter: '@acme/crm-old' } });
    const { code, err } = await scene.run();
    expect(code).toBe(2);
    expect(err).toMatch(/@acme\/crm-old speaks crm@9; this version supports crm@1\n\s+→ Update Tidelock\./);
    expect(err).not.toContain('created');
  });

  it('a CRM field that does not exist keeps the connection off, and names field, reason and remedy', async () => {
    await using scene = await createBadScene();
    const { stage, config } = scene;
    const before = scene.picture();
    stage.writeConfig({ ...config, mappingExtra: [{ field: 'shoe', mailbox: 'nickName', crm: 'Shoe__c' }] });
    const { code, out } = await scene.run();
    expect(code).toBe(3);
    expect(out).toMatch(
      /blocked {2}.*Mapping field "shoe": the CRM has no property "Shoe__c"\.\n\s+→ Create the property, correct its name/,
    );
    expect(scene.picture()).toEqual(before);
    stage.salesforce.admin.addField('Contact', { name: 'Shoe__c', type: 'string' });
    expect((await scene.run()).code).toBe(0);
    expect(scene.picture().crm).toHaveLength(11);
  });

  it('a mailbox outside the scope is named and left alone; the others go on', async () => {
    await using scene = await createBadScene({ mailboxes: ['ann', 'ben'] });
    const { stage } = scene;
    const ben = stage.people.ben?.mailboxId ?? '';
    stage.graph.admin.setScope(stage.tenantId, CLIENT_ID, [ben]);
    stage.graph.admin.createContact(ben, { givenName: 'Only', surname: 'Here' });
    const before = scene.picture();
    const { code, out } = await scene.run();
    expect(code).toBe(5);
    expect(out).toMatch(
      /blocked {2}ann@contoso\.example: the app may not reach this mailbox\n\s+→ .*add the mailbox to the group/,
    );
    // Nothing of the blocked mailbox is taken for deleted.
    expect(scene.picture().mailbox).toEqual(before.mailbox);
    expect(scene.picture().crm.length).toBe(before.crm.length + 1);
    stage.graph.admin.setScope(stage.tenantId, CLIENT_ID, 'all');
    expect((await scene.run()).code).toBe(0);
    expect(scene.picture().crm.length).toBe(before.crm.length + 2);
  });
});
