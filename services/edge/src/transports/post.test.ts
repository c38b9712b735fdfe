import { expect, test } from '@jest/globals';
import { mayWait } from './post.ts';

const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo' } };
const answer = { jsonrpc: '2.0', id: 'q', result: { action: 'accept' } };
const refusal = { jsonrpc: '2.0', id: 'q', error: { code: -1, message: 'no' } };
const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };

test.each([
  ['a call', call],
  ['a batch with a call', [answer, call]],
])('%s may be answered late', (_what, body) => {
  expect(mayWait(body)).toBe(true);
});

test.each([
  ['an answer to a question of a call', answer],
  ['an error instead of an answer', refusal],
  ['a notification', cancel],
  ['a batch of these', [answer, refusal, cancel]],
  ['the answers to the questions of a task', { ...call, method: 'tasks/update' }],
  ['the cancellation of a task', { ...call, method: 'tasks/cancel' }],
  ['something that is not a message', 'text'],
])('%s may not', (_what, body) => {
  expect(mayWait(body)).toBe(false);
});
