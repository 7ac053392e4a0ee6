import { describe, expect, it } from 'vitest';
import { createCompiling } from '../src/compiling.ts';
import { compileMapping, createCanon } from '../src/index.ts';
import { createOffice } from './office.ts';
import { MAPPING } from './world.ts';

describe('compiled mappings', () => {
  it('are one for lanes under the same mapping over stores that can do the same, and others otherwise', async () => {
    const office = await createOffice();
    const { catalogue: a } = await office.mailbox('one').store.probe();
    const { catalogue: b } = await office.crm.store.probe();
    await office.close();
    const { compile } = createCompiling();
    const catalogues = { a, b };
    const one = compile(MAPPING, { catalogues, region: 'US' });
    expect(compile(MAPPING, { catalogues: { a, b }, region: 'US' })).toBe(one);
    const others = [
      compile(MAPPING, { catalogues, region: 'DE' }),
      compile(MAPPING, { catalogues: { a, b: { ...b } }, region: 'US' }),
      compile({ ...MAPPING }, { catalogues, region: 'US' }),
    ];
    for (const other of others) expect(other.mapping).not.toBe(one.mapping);
    const { mapping, canon } = one;
    const anew = compileMapping(MAPPING, catalogues, createCanon({ region: 'US' }));
    expect(mapping.fields.map(({ name, property, flows }) => [name, property, flows])).toEqual(
      anew.fields.map(({ name, property, flows }) => [name, property, flows]),
    );
    expect(canon.key('phone', '(206) 555-0100')).toBe('+12065550100');
    expect(others[0]?.canon.key('phone', '030 123456')).toBe('+4930123456');
  });

  it('are kept for a few kinds of stores only', async () => {
    const office = await createOffice();
    const { catalogue: a } = await office.mailbox('one').store.probe();
    const { catalogue: b } = await office.crm.store.probe();
    await office.close();
    const { compile } = createCompiling();
    const first = compile(MAPPING, { catalogues: { a, b }, region: 'US' });
    for (let n = 0; n < 8; n += 1) compile(MAPPING, { catalogues: { a, b: { ...b } }, region: 'US' });
    expect(compile(MAPPING, { catalogues: { a, b }, region: 'US' })).not.toBe(first);
  });
});
