import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { startBoundedWait } from './bounded-wait.ts';

const cancelled = new AppError('cancelled', 'The client cancelled the request');

test.each([
  ['its client cancels', (client: AbortController) => client.abort(cancelled), 'cancelled'],
  ['this edge stops', (_client: AbortController, edge: AbortController) => edge.abort(), 'shutting_down'],
])('patience ends when %s, even before it began, and leaves no listener', (_name, end, code) => {
  for (const isBefore of [true, false]) {
    const [client, edge] = [new AbortController(), new AbortController()];
    if (isBefore) end(client, edge);
    using boundedWait = startBoundedWait({ stopping: edge.signal }, client);
    if (!isBefore) end(client, edge);
    expect(boundedWait.signal.reason).toMatchObject({ code });
    expect([client, edge].flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([]);
  }
});

test('patience that ended for another reason leaves no listener', () => {
  const [client, edge] = [new AbortController(), new AbortController()];
  {
    using boundedWait = startBoundedWait({ stopping: edge.signal }, client);
    expect(boundedWait.signal.aborted).toBe(false);
  }
  expect([client, edge].flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([]);
});
