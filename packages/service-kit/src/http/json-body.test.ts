import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import express from 'express';
import { closeServer } from '../health.ts';
import { createLogger } from '../logger.ts';
import { answerError } from './error-answer.ts';
import { createBodyReader } from './json-body.ts';

const read = createBodyReader<undefined>(undefined, { graceMs: 40, bytesPerSecondMin: 1000 });
const app = express();
app.post('/', async (req, res) => {
  res.json(await read(req, res, undefined));
});
app.use(answerError(createLogger('test', 'silent')));
let server: ReturnType<typeof app.listen>;
beforeEach(async () => {
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => closeServer(server));

test('a body that arrives drop by drop is refused with 408, and its connection closed (T48)', async () => {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{');
  const drip = setInterval(() => client.write(' '), 20);
  const answer = await text(client);
  clearInterval(drip);
  client.destroy();
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain('request_timeout');
});

test('a body that arrives at once is read', async () => {
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  });
  expect(await answer.json()).toEqual({ a: 1 });
});
