import { describe, expect, it } from 'vitest';
import { runCli } from '../src/cli.ts';
import { createWorld, type World } from '../src/world.ts';

/** Clauses that need no time to pass: the clock of this service stands still. */
const CASES = ['040', '041', '043', '044', '059', '060', '064', '066'].map((id) => `record-store-${id}`);

const verify = ({ stage }: World, words: readonly string[]) =>
  runCli(['--config', stage.configPath, '--json', 'adapters', 'verify', ...words], { cwd: stage.folder });

describe('tidelock adapters verify --account', () => {
  it('holds the adapter to its contract on the account of the configuration, and leaves it empty', async () => {
    await using world = await createWorld({ vendor: 'hubspot' });
    const words = ['@tidelock/crm-hubspot', '--account', '--patience', '0', '--only', CASES.join()];
    const run = await verify(world, words);
    expect(run.err).toBe('');
    expect(JSON.parse(run.out)).toMatchObject({
      passed: CASES.length,
      failed: 0,
      exitCode: 0,
      suites: [{ name: 'record store: HubSpot, a real account' }],
    });
    expect(world.records()).toEqual([]);
    expect(world.stage.hubspot.oracle.writes('Tidelock').length).toBeGreaterThan(0);
  });

  it('touches nothing where the account holds something', async () => {
    await using world = await createWorld({ vendor: 'hubspot' });
    world.stage.hubspot.admin.createContact({ lastname: 'Real', email: 'real@example.com' });
    const run = await verify(world, ['@tidelock/crm-hubspot', '--account', '--only', 'record-store-040']);
    expect(run.code).toBe(5);
    expect(JSON.parse(run.out).suites[0].cases[0].reason).toContain('the account holds 1 contacts');
    expect(world.records()).toHaveLength(1);
    expect(world.stage.hubspot.oracle.writes('Tidelock')).toEqual([]);
  });

  it.each([
    [['@tidelock/crm-salesforce', '--account'], 'cannot be held to its contract on a real account'],
    [['@tidelock/crm-hubspot', '--account', 'elsewhere'], 'There is no CRM connection elsewhere'],
  ])('%j is bad input', async (words, said) => {
    await using world = await createWorld({ vendor: 'hubspot' });
    const run = await verify(world, words);
    expect(run.code).toBe(2);
    expect(run.out).toContain(said);
  });

  it('refuses a connection that uses another adapter', async () => {
    await using world = await createWorld();
    const run = await verify(world, ['@tidelock/crm-hubspot', '--account']);
    expect(run.code).toBe(2);
    expect(run.out).toContain('the connection crm uses @tidelock/crm-salesforce');
  });
});
