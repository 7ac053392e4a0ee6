import { createTestWorld } from './microsoft365-fixture.ts';

export const noon = (day: string) => ({ dateTime: `${day}T12:00:00`, timeZone: 'Pacific Standard Time' });
export const lunch = {
  subject: 'Lunch',
  body: { contentType: 'HTML', content: 'Does noon work?' },
  start: noon('2026-12-07'),
  end: { dateTime: '2026-12-07T13:30:00', timeZone: 'Pacific Standard Time' },
  location: { displayName: "Harry's Bar" },
};
export const mondays = {
  ...lunch,
  recurrence: {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['Monday'] },
    range: { type: 'endDate', startDate: '2026-12-07', endDate: '2027-01-31' },
  },
};
export const zone = (name: string) => ({ prefer: `outlook.timezone="${name}"` });

/** Events are written to Ann's default calendar. */
export const withEvents = async () => {
  const world = await createTestWorld();
  const path = `/users/${world.ann}/events`;
  const post = async (body: object) => (await world.graph('POST', path, { body })).body;
  const dates = async (id: string, from = '2026-12-01', to = '2027-02-28') => {
    const query = `startDateTime=${from}T00:00:00Z&endDateTime=${to}T00:00:00Z&$top=100`;
    return (await world.graph('GET', `${path}/${id}/instances?${query}`)).body.value;
  };
  return { ...world, path, post, dates };
};
