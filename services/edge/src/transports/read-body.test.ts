import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { closeServer } from '@toolplane/service-kit';
import { readBody } from './read-body.ts';

const HEAD = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n';

/* While a body is being read, a slot of its caller is in use. */
test.each([
  ['has sent half of it', '{'],
  ['has sent all of it', '{}'],
])('a client that %s and left before the body is read is not waited for', async (_, sent) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(HEAD + sent);
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  // As in the edge, nobody handles errors of the request.
  const gone = new Promise((resolve) => request.once('close', resolve));
  client.resetAndDestroy();
  await gone;
  await expect(readBody(request)).rejects.toMatchObject({ code: 'cancelled' });
  await closeServer(server);
});
