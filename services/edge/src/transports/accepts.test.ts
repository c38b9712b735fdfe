import { expect, test } from '@jest/globals';
import { accepts } from './accepts.ts';

test.each([
  ['text/event-stream', true],
  ['application/json, text/event-stream', true],
  ['Text/Event-Stream', true],
  ['text/event-stream;q=0.5, application/json', true],
  ['text/event-stream; q=0.001', true],
  ['text/event-stream;q=0', false],
  ['application/json, text/event-stream; Q=0.000', false],
  ['text/event-stream, application/json;q=0', true],
  ['application/json', false],
  ['*/*', false],
  ['', false],
])('whether %j accepts a stream is %j (RFC 9110, 12.5.1)', (accept, takes) => {
  expect(accepts(accept, 'text/event-stream')).toBe(takes);
});
