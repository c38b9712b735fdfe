import { expect, test } from '@jest/globals';
import { openClient } from '../../test/open-client.ts';
import { startUpstream } from '../../test/upstream.ts';
import { createWire } from './wire.ts';

test('an answer that nobody reads frees its slot when it is cancelled', async () => {
  await using upstream = await startUpstream((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{');
  });
  const target = {
    workspaceId: 'ws',
    url: upstream.url,
    transport: 'http',
    era: 'legacy',
    headers: {},
    abilities: [],
    sessionOwner: undefined,
  } as const;
  const wire = createWire(openClient(), target, () => {});
  // Far longer than the test may take, so that no slot is freed by a timeout.
  wire.startRequest(600_000);
  for (let count = 0; count < 25; count += 1) {
    const response = await wire.fetch(upstream.url, { method: 'POST', body: '{}' });
    expect(response.status).toBe(200);
    await response.body?.cancel();
  }
});
