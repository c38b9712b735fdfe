import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { createClientRequests } from './client-requests.ts';

const cancelled = new AppError('cancelled', 'The client cancelled the request');

test('a client that has cancelled is not asked: no request id is left to ask with', () => {
  const requests = createClientRequests();
  expect(() => requests.add('s', AbortSignal.abort(cancelled))).toThrow(cancelled);
});

test('a request ends with the client’s answer, a refusal or the reason of its signal, and leaves nothing', async () => {
  const requests = createClientRequests();
  const ending = new AbortController();
  const [answered, refused, withdrawn] = [1, 2, 3].map(() => requests.add('s', ending.signal));
  requests.settle('another session', { id: answered?.id ?? '', result: 'not mine' });
  requests.settle('s', { id: answered?.id ?? '', result: { roots: [] } });
  requests.settle('s', { id: refused?.id ?? '', error: { code: -1, message: 'no' } });
  expect(await answered?.answer).toEqual({ roots: [] });
  await expect(refused?.answer).rejects.toMatchObject({ code: 'input_declined' });
  expect(getEventListeners(ending.signal, 'abort')).toHaveLength(1);
  ending.abort(cancelled);
  await expect(withdrawn?.answer).rejects.toBe(cancelled);
  expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
});

test('a request that ends while nobody waits for it does no harm', async () => {
  const ending = new AbortController();
  createClientRequests().add('s', ending.signal);
  ending.abort(cancelled);
  // An unhandled rejection would have ended the process by the next event-loop turn.
  await new Promise((resolve) => setImmediate(resolve));
});
