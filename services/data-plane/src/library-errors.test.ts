import { once } from 'node:events';
import http, { type ClientRequest } from 'node:http';
import { inspect } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toAppError } from '@toolplane/contracts';
import { createLogger } from '@toolplane/service-kit';
import got from 'got';
import { z } from 'zod';
import { json, startUpstream, type Upstream } from '../test/upstream.ts';
import { toUpstreamError } from './egress/upstream-error.ts';

/** Tests real errors of the libraries whose messages and fields contain values. */

const CANARY = 'canary-0123456789';

let api: Upstream;
beforeAll(async () => {
  api = await startUpstream((request, response) => {
    if (request.url === '/garbage') return void request.socket.end(`${CANARY}: no HTTP\r\n\r\n`);
    const isAws = request.headers['x-amz-target'] !== undefined;
    const answer = isAws ? { __type: 'ResourceNotFoundException', message: CANARY } : { error: CANARY };
    json(answer, isAws ? 400 : 500)(request, response);
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const headers = { authorization: `Bearer ${CANARY}` };

const throwing: [string, () => Promise<unknown> | unknown, { quotes: boolean }][] = [
  ['got, of a status', () => got(`${api.url}/?key=${CANARY}`, { headers, retry: { limit: 0 } }), { quotes: true }],
  [
    'got, of a connection',
    () => got(`http://127.0.0.1:1/?key=${CANARY}`, { headers, retry: { limit: 0 } }),
    { quotes: true },
  ],
  ['got, of an option', () => got(api.url, { headers, [CANARY]: true } as object), { quotes: true }],
  ['undici, of a header', () => fetch(api.url, { headers: { authorization: `${CANARY}\n.` } }), { quotes: true }],
  ['Node, of a header', () => http.get(api.url, { headers: { [`${CANARY} x`]: 'y' } }), { quotes: true }],
  [
    'Node, of the value of a header',
    () => http.get(api.url, { headers: { authorization: `${CANARY}\n.` } }),
    { quotes: false },
  ],
  ['Node, of a path', () => http.get({ path: `/${CANARY} x` }), { quotes: false }],
  ['Node, of a connection', () => failureOf(http.get(`http://127.0.0.1:1/?key=${CANARY}`)), { quotes: false }],
  ['Node, of an answer', () => failureOf(http.get(`${api.url}/garbage`)), { quotes: false }],
  ['Node, of a URL', () => new URL(`//${CANARY}`), { quotes: true }],
  ['Node, of JSON', () => JSON.parse(CANARY), { quotes: true }],
  ['Node, of a file', () => process.getBuiltinModule('node:fs').readFileSync(`/nowhere/${CANARY}`), { quotes: true }],
  ['the SDK of AWS', askAws, { quotes: true }],
  ['zod', () => z.literal('x').parse(CANARY), { quotes: false }],
];

async function failureOf(request: ClientRequest): Promise<never> {
  const [error] = await once(request, 'error');
  throw error;
}

function askAws(): Promise<unknown> {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: CANARY };
  const client = new SecretsManagerClient({ endpoint: api.url, region: 'eu-central-1', credentials, maxAttempts: 1 });
  return client.send(new GetSecretValueCommand({ SecretId: CANARY }));
}

async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('Nothing was thrown');
}

describe('an error of a library that contains a value (T9)', () => {
  test.each(throwing)('%s: no value from it reaches the caller or the log', async (_name, work, { quotes }) => {
    const thrown = await thrownBy(work);
    expect(inspect(thrown, { depth: 9 }).includes(CANARY)).toBe(quotes);
    const { cause: _, ...reported } = toAppError(thrown);
    expect([reported, toAppError(thrown).message]).toEqual([
      expect.objectContaining({ code: 'internal' }),
      'Internal error',
    ]);
    const asUpstream = toUpstreamError(thrown, {
      isSent: true,
      isAnswered: false,
      isElsewhere: false,
      status: undefined,
    });
    expect(inspect(asUpstream, { depth: 9 })).not.toContain(CANARY);
    const lines: string[] = [];
    const logger = createLogger('test', 'trace', { write: (line) => void lines.push(line) });
    logger.error({ err: thrown }, 'failed');
    logger.error({ err: toAppError(thrown) }, 'failed');
    logger.error(thrown);
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toContain(CANARY);
  });
});
