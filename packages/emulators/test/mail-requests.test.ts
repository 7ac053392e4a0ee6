import { createHubSpot, createManualClock, createMicrosoft365, createSalesforce } from '@tidelock/emulators';
import { expect, it } from 'vitest';

const clock = createManualClock(1_767_225_600_000);
const post = (path: string): Request => new Request(`https://emulated.example${path}`, { method: 'POST' });

it('requests that could send mail are counted, also those that are refused, and contacts are none of them', async () => {
  const graph = createMicrosoft365({ clock, keepExchanges: 0 });
  for (const path of ['users/x/contacts', 'users/x/contactFolders/y/contacts', 'groups/x/members'])
    await graph.fetch(post(`/v1.0/${path}`));
  await graph.fetch('https://emulated.example/v1.0/users/x/messages');
  expect(graph.oracle.mailRequests()).toEqual([]);
  const mailing = ['users/x/sendMail', 'users/x/messages/m/reply', 'invitations'];
  for (const path of mailing) await graph.fetch(post(`/v1.0/${path}`));
  graph.log.clear();
  expect(graph.oracle.mailRequests().map(({ path }) => path)).toEqual(mailing.map((path) => `/v1.0/${path}`));
});

it('in the CRMs as well', async () => {
  const salesforce = createSalesforce({ clock, seed: 1 });
  const hubspot = createHubSpot({ clock, seed: 1 });
  await salesforce.fetch(post('/services/data/v62.0/sobjects/Contact'));
  await hubspot.fetch(post('/crm/v3/objects/contacts'));
  expect([...salesforce.oracle.mailRequests(), ...hubspot.oracle.mailRequests()]).toEqual([]);
  await salesforce.fetch(post('/services/data/v62.0/actions/standard/emailSimple'));
  await hubspot.fetch(post('/crm/v3/objects/emails'));
  expect(salesforce.oracle.mailRequests()).toHaveLength(1);
  expect(hubspot.oracle.mailRequests()).toHaveLength(1);
});
