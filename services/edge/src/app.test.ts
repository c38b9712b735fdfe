import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { closeServer, createClientAddress, createLogger } from '@toolplane/service-kit';
import { createEdgeApp } from './app.ts';
import { unauthenticated } from './callers/authenticate.ts';
import type { Edge } from './edge.ts';

const WRONG_TOKENS_PER_MINUTE = 60;

test('a client that leaves while guessing tokens is slowed down like one that waits for the answer', async () => {
  const verification: { proceed: () => void; began: PromiseWithResolvers<void> } = {
    proceed: () => undefined,
    began: Promise.withResolvers<void>(),
  };
  /** Stands for an issuer that takes as long to answer as the test requires. */
  const authenticateToken = async () => {
    const held = Promise.withResolvers<void>();
    verification.proceed = held.resolve;
    verification.began.resolve();
    await held.promise;
    throw unauthenticated();
  };
  const edge = {
    checkOrigin: () => undefined,
    addressOf: createClientAddress([]),
    authenticateToken,
    snapshot: { peekApiKey: () => undefined, peekManifest: () => undefined, getManifest: async () => undefined },
    logger: createLogger('edge', 'silent'),
  } as unknown as Edge;
  const server = createEdgeApp(edge);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  for (let count = 0; count < WRONG_TOKENS_PER_MINUTE; count += 1) {
    verification.began = Promise.withResolvers();
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(port, '127.0.0.1');
    client.write('POST /mcp/srv_1 HTTP/1.1\r\nhost: a\r\nauthorization: Bearer guess\r\ncontent-length: 0\r\n\r\n');
    const [socket] = await accepted;
    await verification.began.promise;
    const gone = new Promise((resolve) => socket.once('close', resolve));
    client.resetAndDestroy();
    await gone;
    verification.proceed();
  }

  verification.began = Promise.withResolvers();
  const answer = fetch(`http://127.0.0.1:${port}/mcp/srv_1`, {
    method: 'POST',
    headers: { authorization: 'Bearer guess' },
  });
  await verification.began.promise;
  verification.proceed();
  expect((await answer).status).toBe(429);
  await closeServer(server);
});
