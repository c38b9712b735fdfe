import type { LookupAddress } from 'node:dns';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { localPolicy, openClient } from '../../test/open-client.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import { createAddressGuard } from './address-guard.ts';

/* An internal server that no request may reach. Names resolve to it in every way that a resolver allows. */
let inside: Upstream;
beforeAll(async () => {
  inside = await startUpstream(json({ secret: 'inside' }));
});
afterAll(async () => {
  await inside[Symbol.asyncDispose]();
});

const PUBLIC = '93.184.216.34';

async function request(host: string, answers: LookupAddress[], exceptions: string[] = []) {
  const client = openClient({
    policy: { ...localPolicy, addresses: createAddressGuard(exceptions) },
    resolve: async () => answers,
  });
  const signal = new AbortController().signal;
  const url = `http://${host}:${inside.port}/`;
  try {
    return await client.send({ workspaceId: 'ws', url, method: 'GET', headers: {}, timeoutMs: 2000, signal });
  } finally {
    client.close();
  }
}

const denied = expect.objectContaining({ code: 'egress_denied', isSent: false });

describe('a name never leads to an internal address (B104)', () => {
  test.each([
    ['an internal address', [{ address: '127.0.0.1', family: 4 }]],
    [
      'a public address and an internal one',
      [
        { address: PUBLIC, family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    ],
    [
      'A public, AAAA internal',
      [
        { address: PUBLIC, family: 4 },
        { address: '::1', family: 6 },
      ],
    ],
    ['IPv4-mapped', [{ address: '::ffff:127.0.0.1', family: 6 }]],
    ['NAT64', [{ address: '64:ff9b::7f00:1', family: 6 }]],
    ['an empty answer', []],
  ])('%s', async (_name, answers) => {
    await expect(request('evil.example.com', answers)).rejects.toEqual(denied);
    expect(inside.seen).toEqual([]);
  });

  test('an answer that changes between check and connection', async () => {
    let reads = 0;
    const rebinding = {
      family: 4,
      get address() {
        reads += 1;
        return reads === 1 ? PUBLIC : '127.0.0.1';
      },
    };
    await expect(request('evil.example.com', [rebinding])).rejects.toEqual(denied);
    expect(reads).toBeGreaterThan(1);
    expect(inside.seen).toEqual([]);
  });
});

describe('internal names', () => {
  test('lead to the operator’s exceptions', async () => {
    await expect(request('localhost', [{ address: '127.0.0.1', family: 4 }], ['127.0.0.0/8'])).resolves.toMatchObject({
      status: 200,
    });
  });

  test.each(['localhost', 'redis', 'metadata.google.internal'])('lead nowhere else: %s', async (host) => {
    await expect(request(host, [{ address: PUBLIC, family: 4 }], ['127.0.0.0/8'])).rejects.toEqual(denied);
  });
});
