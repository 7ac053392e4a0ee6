import { existsSync } from 'node:fs';
import { createBodies, createCheck, type ExchangeCheck, type Habits } from './description.ts';
import { readDocument } from './document.ts';
import { SHARED } from './reference-folder.ts';

const SLICE = `${SHARED}reference/graph/openapi-slice.json`;
export const hasSlice = existsSync(SLICE);

const HABITS: Habits = {
  bare: (path) =>
    path.startsWith('/v1.0')
      ? path.replace(/^\/v1\.0/, '').replace(/\/(microsoft\.graph\.)?delta(\(\))?$/, '/delta()')
      : null,
  ownOptions: /^\$(skip|delta)token$/,
  // Annotations of OData stand beside any property.
  isAnnotation: (name) => name.includes('@odata.') || name === '@removed',
  strayError: '/components/schemas/microsoft.graph.ODataErrors.ODataError',
};

/** Checks exchanges with Graph, inner ones of a batch too. */
export const createExchangeCheck = (check: 'all' | 'answers' = 'all'): ExchangeCheck =>
  createCheck(readDocument(SLICE), { habits: HABITS, check });

const NOTIFICATIONS = '/components/schemas/microsoft.graph.changeNotificationCollection';

/** Checks what Graph sends to apps: the body of a request with notifications or lifecycle events. */
export function createNotificationCheck(): (body: unknown) => readonly string[] {
  const bodies = createBodies(readDocument(SLICE), HABITS);
  return (body) => bodies(NOTIFICATIONS, body);
}
