import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { adapter } from '../src/index.ts';
import { quiet } from './quiet.ts';
import { describeWithServer, freshSchema, serverUrl, sql, startServer } from './server.ts';

await startServer();

const folder = mkdtempSync(join(tmpdir(), 'postgres-snapshot-'));
afterAll(() => rmSync(folder, { recursive: true }));

const context = { log: quiet } as never;
const at = (schema: string) => ({
  url: serverUrl(),
  allowOwner: true,
  schema,
  poolSize: 2,
  leaseClock: 'caller' as const,
});
const lane = (id: string) => ({ id, tenantId: 't', storeA: `a:${id}`, storeB: 'b', label: id });
const act = (id: string) => ({
  ...{ id, tenantId: 't', at: 1, who: 'Ünï \u0000 \ud800', act: 'pause', subject: 'x\\u001ay', laneId: null },
  ...{ before: { deep: ['\u001a', null, 1.5] }, after: null },
});

async function filled(schema: string): Promise<void> {
  const state = await adapter.create(at(schema) as never, context);
  await state.sync.saveLanes([lane('one'), lane('two')], 7);
  await state.sync.saveFeeds([{ id: 'b/x', store: 'b', side: 'b', key: 'x' }]);
  await state.tenants.appendAudit([act('1'), act('2')]);
  await state.tenants.putDataKey({
    id: 'k',
    tenantId: 't',
    wrapped: new Uint8Array([0, 255, 7]),
    createdAt: 3,
  });
  await state.close();
}

async function everything(schema: string) {
  const state = await adapter.create(at(schema) as never, context);
  try {
    const { sync, tenants } = state;
    return {
      lanes: await sync.lanes(),
      feeds: await sync.feeds('b'),
      audit: await tenants.audit('t', { limit: 10 }),
      keys: await tenants.dataKeys('t'),
    };
  } finally {
    await state.close();
  }
}

describeWithServer('snapshot', () => {
  it('brings back every row, and numbers go on behind them', async () => {
    const [from, to] = [freshSchema(), freshSchema()];
    const copy = join(folder, `${from}.copy`);
    await filled(from);
    await adapter.snapshot?.(at(from) as never, context, copy);
    await adapter.restore?.(at(to) as never, context, copy);
    const [was, is] = [await everything(from), await everything(to)];
    expect(was.audit).toHaveLength(2);
    expect(is).toEqual(was);

    const state = await adapter.create(at(to) as never, context);
    await state.tenants.appendAudit([act('3')]);
    const [newest] = await state.tenants.audit('t', { limit: 1 });
    await state.close();
    expect(newest?.seq).toBeGreaterThan(was.audit[0]?.seq ?? 0);
  });

  it('is put back by its owner only', async () => {
    const [from, to] = [freshSchema(), freshSchema()];
    const copy = join(folder, `${from}.copy`);
    await filled(from);
    await adapter.snapshot?.(at(from) as never, context, copy);
    const { allowOwner: _, ...plain } = at(to);
    await expect(adapter.restore?.(plain as never, context, copy)).rejects.toMatchObject({
      code: 'owner-needed',
    });
    expect(await sql('select from pg_namespace where nspname = $1', [to])).toEqual([]);
  });

  it('is never put into a schema that exists', async () => {
    const from = freshSchema();
    const copy = join(folder, `${from}.copy`);
    await filled(from);
    await adapter.snapshot?.(at(from) as never, context, copy);
    await expect(adapter.restore?.(at(from) as never, context, copy)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'not-empty',
    });
  });

  it('that is not whole leaves no schema behind', async () => {
    const [from, to] = [freshSchema(), freshSchema()];
    const copy = join(folder, `${from}.copy`);
    await filled(from);
    await adapter.snapshot?.(at(from) as never, context, copy);
    const lines = readFileSync(copy, 'utf8').split('\n');
    const broken = join(folder, 'broken.copy');
    for (const text of [
      lines.slice(0, -2).join('\n'),
      lines.filter((line) => !line.startsWith('r ')).join('\n'),
      lines.toSpliced(2, 0, 'x what').join('\n'),
      'something else',
    ]) {
      writeFileSync(broken, text);
      await expect(adapter.restore?.(at(to) as never, context, broken)).rejects.toMatchObject({
        code: 'damaged',
      });
      expect(await sql('select 1 from pg_namespace where nspname = $1', [to])).toEqual([]);
    }
  });
});
