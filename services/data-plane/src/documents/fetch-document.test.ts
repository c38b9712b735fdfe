import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { clientDocumentLimits, type FetchedDocument, fetchedDocumentSchema, sourceLimits } from '@toolplane/contracts';
import { certificate, privateKey } from '@toolplane/loopback/certificate';
import { openClient } from '../../test/open-client.ts';
import { startUpstream } from '../../test/upstream.ts';
import { createAddressGuard } from '../egress/address-guard.ts';
import { createClientDocumentFetcher, createDocumentFetcher } from './fetch-document.ts';

const MIB = 1024 * 1024;
const text = 'openapi: 3.1.0\ninfo: { title: Überfahrt }\n';
const answerWith = (body: string | Buffer, headers: Record<string, string> = {}): RequestListener => {
  return (_request, response) => void response.writeHead(200, headers).end(body);
};

type Options = { ranges?: string[]; isHttpAllowed?: boolean; waitMsMax?: number };

function createFetcher({ ranges = ['127.0.0.0/8'], isHttpAllowed = true, waitMsMax = 10_000 }: Options = {}) {
  const client = openClient({
    policy: { addresses: createAddressGuard(ranges), isHttpAllowed, ports: 'any' },
    responseBytesMax: sourceLimits.bytesMax,
  });
  const fetch = createDocumentFetcher({ client, waitMsMax });
  const asker = { tenant: 'a', signal: new AbortController().signal, onWait: () => {} };
  return {
    fetch: (url: string, rest: Partial<typeof asker> = {}) => fetch(url, { ...asker, ...rest }),
    [Symbol.dispose]: () => client.close(),
  };
}

async function fetchFrom(answer: RequestListener, path = '/openapi.yaml', policy: Options = {}) {
  await using upstream = await startUpstream(answer);
  using documents = createFetcher(policy);
  return { upstream, document: await documents.fetch(`${upstream.url}${path}`) };
}

const contentOf = ({ gzipped }: FetchedDocument) => gunzipSync(Buffer.from(gzipped, 'base64')).toString();

test('returns the text and the hash of its bytes', async () => {
  const { document } = await fetchFrom(answerWith(text, { 'content-type': 'text/yaml' }));
  expect(fetchedDocumentSchema.parse(document)).toEqual({
    gzipped: expect.any(String),
    sha256: createHash('sha256').update(text).digest('hex'),
  });
  expect(contentOf(document)).toBe(text);
});

test('sends no credentials, and nothing that identifies a tenant', async () => {
  const { upstream } = await fetchFrom(answerWith(text));
  expect(upstream.seen.map(({ method, headers }) => [method, Object.keys(headers).toSorted()])).toEqual([
    ['GET', ['accept', 'accept-encoding', 'connection', 'host', 'user-agent']],
  ]);
});

test('follows redirects', async () => {
  const { document } = await fetchFrom((request, response) => {
    if (request.url === '/v2/openapi.yaml') return answerWith(text)(request, response);
    response.writeHead(302, { location: '/v2/openapi.yaml' }).end();
  });
  expect(contentOf(document)).toBe(text);
});

test('accepts a document of 5 MiB', async () => {
  const large = 'x'.repeat(sourceLimits.bytesMax);
  const { document } = await fetchFrom(answerWith(large));
  expect(contentOf(document)).toBe(large);
});

test('accepts HTTPS without any setting in the policy', async () => {
  const trusted = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...trusted, certificate]);
  const server = https.createServer({ cert: certificate, key: privateKey }, answerWith(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  using documents = createFetcher({ isHttpAllowed: false });
  const { port } = server.address() as AddressInfo;
  expect(contentOf(await documents.fetch(`https://localhost:${port}/openapi.yaml`))).toBe(text);
  await new Promise((resolve) => server.close(resolve));
  tls.setDefaultCACertificates(trusted);
});

describe('26, B051: refuses', () => {
  const inside = { ranges: [] };

  test.each([
    ['a file', 'file:///etc/passwd'],
    ['another scheme', 'ftp://example.com/openapi.yaml'],
    ['HTTP, unless the policy allows it', 'http://example.com/openapi.yaml'],
    ['a metadata address', 'https://169.254.169.254/latest/meta-data'],
    ['an internal address', 'https://127.0.0.1/openapi.yaml'],
    ['an internal name', 'https://metadata.google.internal/'],
    ['credentials in the URL', 'https://user:password@example.com/openapi.yaml'],
  ])('%s, before anything is sent (B106)', async (_name, url) => {
    using documents = createFetcher({ ...inside, isHttpAllowed: false });
    await expect(documents.fetch(url)).rejects.toMatchObject({ code: 'egress_denied', isSent: false });
  });

  test('500 MB, reading no more than necessary', async () => {
    let sent = 0;
    const endless: RequestListener = (_request, response) => {
      const send = () => {
        while (sent < 500 * MIB && !response.destroyed) {
          sent += MIB;
          if (!response.write(Buffer.alloc(MIB, 'x'))) return void response.once('drain', send);
        }
        response.end();
      };
      send();
    };
    await expect(fetchFrom(endless)).rejects.toMatchObject({ code: 'response_too_large' });
    expect(sent).toBeLessThan(100 * MIB);
  });

  test('500 MB compressed into a small answer', async () => {
    const bomb = gzipSync(Buffer.alloc(500 * MIB), { level: 1 });
    const answer = fetchFrom(answerWith(bomb, { 'content-encoding': 'gzip' }));
    await expect(answer).rejects.toMatchObject({ code: 'response_too_large' });
  });

  test.each([
    ['an answer of another status than 200', (_request, response) => void response.writeHead(404).end(text)],
    ['text in another encoding than UTF-8', answerWith(Buffer.from('Überfahrt', 'latin1'))],
    ['what is not text', answerWith('openapi\0')],
  ] as [string, RequestListener][])('%s', async (_name, answer) => {
    await expect(fetchFrom(answer)).rejects.toMatchObject({ code: 'upstream_bad_response' });
  });
});

describe('the metadata of an OAuth client', () => {
  function createFetchers(times: { fetchMsMax?: number; waitMsMax?: number } = {}) {
    const policy = { addresses: createAddressGuard(['127.0.0.0/8']), isHttpAllowed: true, ports: 'any' } as const;
    const client = openClient({ policy, responseBytesMax: clientDocumentLimits.bytesMax });
    const ofSources = createFetcher();
    const fetch = createClientDocumentFetcher({ client, ...times });
    const asker = { tenant: 'a', signal: new AbortController().signal, onWait: () => {} };
    return {
      ofClient: (url: string) => fetch(url, asker),
      ofSource: ofSources.fetch,
      [Symbol.dispose]() {
        client.close();
        ofSources[Symbol.dispose]();
      },
    };
  }
  const tarpit: RequestListener = (request, response) => {
    if (request.url !== '/slow') answerWith(text)(request, response);
  };

  test('must be exactly at its URL: no redirect is followed, not even on its own host', async () => {
    await using upstream = await startUpstream((request, response) => {
      if (request.url === '/there') return answerWith(text)(request, response);
      response.writeHead(302, { location: '/there' }).end();
    });
    using documents = createFetchers();
    await expect(documents.ofClient(`${upstream.url}/here`)).rejects.toMatchObject({ code: 'upstream_bad_response' });
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/here']);
  });

  test('has at most 5 KiB', async () => {
    await using upstream = await startUpstream(answerWith('x'.repeat(5 * 1024 + 1)));
    using documents = createFetchers();
    await expect(documents.ofClient(upstream.url)).rejects.toMatchObject({ code: 'response_too_large' });
  });

  test('is given up soon, at a server that does not answer (T45)', async () => {
    await using upstream = await startUpstream(tarpit);
    using documents = createFetchers({ fetchMsMax: 100 });
    await expect(documents.ofClient(`${upstream.url}/slow`)).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  test('is fetched two at a time from one origin, without holding up other origins or other documents (T45)', async () => {
    await using upstream = await startUpstream(tarpit);
    await using other = await startUpstream(answerWith(text));
    using documents = createFetchers({ fetchMsMax: 60_000, waitMsMax: 50 });
    const held: Promise<unknown>[] = [];
    for (let index = 0; index < 2; index += 1) {
      const arrived = upstream.nextRequest();
      held.push(documents.ofClient(`${upstream.url}/slow`));
      await arrived;
    }
    const ends = Promise.allSettled(held);
    await expect(documents.ofClient(`${upstream.url}/fast`)).rejects.toMatchObject({ code: 'config_unavailable' });
    expect(contentOf(await documents.ofClient(other.url))).toBe(text);
    const fetched = await Promise.all([1, 2, 3].map(() => documents.ofSource(`${upstream.url}/fast`)));
    expect(fetched.map(contentOf)).toEqual([text, text, text]);
    await upstream[Symbol.asyncDispose]();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

test('stops when it is cancelled', async () => {
  await using upstream = await startUpstream(() => {});
  using documents = createFetcher();
  const controller = new AbortController();
  const [arrived, closed] = [upstream.nextRequest(), upstream.nextClose()];
  const document = documents.fetch(upstream.url, { signal: controller.signal });
  await arrived;
  controller.abort();
  await expect(document).rejects.toMatchObject({ code: 'cancelled' });
  await closed;
});

describe('limits concurrent fetches', () => {
  /** Starts a host whose slow responses are sent when the test allows it. */
  async function startHost() {
    const answer = Promise.withResolvers<void>();
    const upstream = await startUpstream((request, response) => {
      const answered = request.url === '/slow' ? answer.promise : Promise.resolve();
      void answered.then(() => answerWith(text)(request, response));
    });
    return Object.assign(upstream, { slow: `${upstream.url}/slow`, answer: answer.resolve });
  }

  test('to three of a tenant: the fourth waits, without delaying another tenant', async () => {
    await using host = await startHost();
    using documents = createFetcher();
    const running = [1, 2, 3].map(() => documents.fetch(host.slow));
    const waits = Promise.withResolvers<void>();
    running.push(documents.fetch(host.slow, { onWait: waits.resolve }));
    await waits.promise;
    const others = ['b', 'c'].map((tenant) => documents.fetch(`${host.url}/fast`, { tenant }));
    expect((await Promise.all(others)).map(contentOf)).toEqual([text, text]);
    expect(host.seen.filter(({ url }) => url === '/slow')).toHaveLength(3);
    host.answer();
    expect((await Promise.all(running)).map(contentOf)).toEqual([text, text, text, text]);
  });

  test('to ten in all: the eleventh waits until one has ended', async () => {
    await using host = await startHost();
    using documents = createFetcher();
    const waited: number[] = [];
    const running = Array.from({ length: 11 }, (_, index) =>
      documents.fetch(host.slow, { tenant: `tenant-${index}`, onWait: () => waited.push(index) }),
    );
    expect(waited).toEqual([10]);
    host.answer();
    expect((await Promise.all(running)).map(contentOf)).toEqual(Array.from({ length: 11 }, () => text));
  });

  test('and refuses one that has waited too long', async () => {
    await using host = await startHost();
    using documents = createFetcher({ waitMsMax: 50 });
    const running = [1, 2, 3].map(() => documents.fetch(host.slow));
    await expect(documents.fetch(host.slow)).rejects.toMatchObject({ code: 'config_unavailable' });
    host.answer();
    await Promise.all(running);
    expect(contentOf(await documents.fetch(`${host.url}/fast`))).toBe(text);
  });

  test('and keeps no place for one that stopped waiting', async () => {
    await using host = await startHost();
    using documents = createFetcher();
    const running = [1, 2, 3].map(() => documents.fetch(host.slow));
    const controller = new AbortController();
    const stopped = documents.fetch(host.slow, { signal: controller.signal });
    const last = documents.fetch(host.slow);
    controller.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    host.answer();
    expect((await Promise.all([...running, last])).map(contentOf)).toEqual([text, text, text, text]);
    expect(host.seen).toHaveLength(4);
  });
});
