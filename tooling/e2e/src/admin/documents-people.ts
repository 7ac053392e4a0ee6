/** The morning that every screenshot shows. */
export const NOW = Date.UTC(2026, 10, 28, 9, 41);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

interface Person {
  readonly name: string;
  readonly address: string;
  readonly profile: string | null;
}

const person = (name: string, profile: string | null): Person => {
  const [first = '', ...rest] = name.toLowerCase().split(' ');
  return { name, address: `${first}.${rest.join('')}@contoso.example`, profile };
};

export const PEOPLE: readonly Person[] = [
  person('Ann Archer', 'sales'),
  person('Ben Brown', 'sales'),
  person('Cem Cakir', 'key-accounts'),
  person('Dora Davis', 'sales'),
  person('Eva Evans', 'key-accounts'),
  person('Farid Fahmy', 'sales'),
  person('Grace Gill', 'board'),
  person('Hugo Hansen', 'sales'),
  person('Ines Ito', 'sales'),
  person('Jonas Jansen', 'board'),
  person('Karin Koch', 'key-accounts'),
  person('Luis Lopez', 'sales'),
];

export const OUTSIDE: readonly Person[] = [
  person('Mara Meyer', null),
  person('Noor Nasser', null),
  person('Payroll Office', null),
];

export const laneIdOf = (address: string): string => `lane-${address.split('.')[0]}`;

/** As the server writes instants. */
export const iso = (at: number): string => new Date(at).toISOString();
