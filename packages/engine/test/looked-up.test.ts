import { expect, it } from 'vitest';
import { createContents } from '../src/cache.ts';
import { createCompiling } from '../src/compiling.ts';
import { drive, pass } from '../src/index.ts';
import { prepareLane } from '../src/prepare-lane.ts';
import { createStoreLooks } from '../src/store-look.ts';
import { createOffice } from './office.ts';
import { person } from './world.ts';

it('what was looked up before a create is forgotten when it is made: a process runs for months', async () => {
  const office = await createOffice({}, ['one']);
  const { options, calls } = office;
  const [config] = office.lanes;
  if (config === undefined) throw new Error('one');
  const how = {
    state: options.state,
    contents: createContents({ maxChars: 1_000_000 }),
    looks: createStoreLooks(options.clock),
    compiling: createCompiling(),
  };
  const { lane, scopes } = await prepareLane(config, how, { a: false, b: false });
  await options.state.saveLanes([config.spec], options.clock.now());
  const { state, clock, random, log } = options;
  const world = { state, clock, random, log, stores: config.stores };
  const most: number[] = [];
  const play = () => drive(pass({ lane, scopes, owner: 'w', preview: false }), world);
  const lookedUp = { add: lane.lookedUp.add.bind(lane.lookedUp) };
  lane.lookedUp.add = (key) => {
    const set = lookedUp.add(key);
    most.push(set.size);
    return set;
  };
  for (let n = 0; n < 30; n++) await office.mailbox('one').oracle.userCreate(person(n));
  for (let round = 0; round < 3; round++) await play();
  expect(await office.crm.oracle.all()).toHaveLength(30);
  expect(calls.filter((call) => call === 'crm.find')).toHaveLength(1);
  expect(Math.max(...most)).toBe(30);
  expect(lane.lookedUp.size).toBe(0);
  await office.close();
});
