import { createHash, randomBytes } from 'node:crypto';
import type { RequestListener, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { startDataPlane } from './data-plane.ts';
import { arazzoDocument, openApiDocument, type SourceHost, startSourceHost } from './source-host.ts';

let plane: TestControlPlane;
let dataPlane: AsyncDisposable;
let host: SourceHost;
let id: string;
let count = 0;
beforeAll(async () => {
  plane = await startTestControlPlane();
  host = await startSourceHost();
  dataPlane = await startDataPlane(plane);
});
afterAll(async () => {
  await dataPlane[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
  await plane.close();
});
beforeEach(async () => {
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name: `server-${++count}`, mode: 'NORMAL' });
  id = body.data.id;
  host.documents.clear();
  host.seen.length = 0;
});

const path = () => `/api/v1/mcp-servers/${id}`;
const deploy = (definition: string, references?: object[]) =>
  plane.send('POST', `${path()}/deploy`, { definition, references });
const validate = (definition: string, key = plane.rootKey) =>
  plane.send('POST', '/api/v1/documents/validate', { definition }, { key });
const getDeployment = async (deploymentId: string) =>
  (await plane.send('GET', `${path()}/deployments/${deploymentId}`)).body.data;
const states = async () => {
  const { body } = await plane.send('GET', `${path()}/deployments`);
  return body.data.map(({ state }: { state: string }) => state);
};
/** The URL that the published plan calls. */
async function publishedUrl(): Promise<string> {
  const digest = (await plane.snapshot.getManifest(id))?.tools[0]?.planDigest ?? '';
  return JSON.stringify((await plane.snapshot.getPlan(digest))?.steps[0]?.request?.url);
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const petsAt = (url: string) => arazzoDocument([{ name: 'pets', url }]);
const put = (name: string, document: string | RequestListener) => {
  host.documents.set(name, document);
  return `${host.url}${name}`;
};

describe('201', () => {
  test('what the document names is fetched once and kept with its hash', async () => {
    const content = openApiDocument();
    const url = put('/openapi.json', content);
    const { status, body } = await deploy(petsAt(url));
    expect([status, host.seen]).toEqual([201, ['/openapi.json']]);
    expect(await publishedUrl()).toContain('https://api.example.test/v1/pets');
    expect((await getDeployment(body.id)).references).toEqual([
      { name: 'pets', location: url, content, sha256: sha256(content), fetchedAt: expect.stringMatching(/^20.*Z$/) },
    ]);
  });

  test('what comes with the deployment is not fetched', async () => {
    const url = put('/openapi.json', openApiDocument());
    const content = openApiDocument('https://given.example.test');
    const { body } = await deploy(petsAt(url), [{ name: 'pets', location: 'openapi.json', content }]);
    expect(host.seen).toEqual([]);
    expect(await publishedUrl()).toContain('https://given.example.test/pets');
    expect((await getDeployment(body.id)).references).toEqual([
      { name: 'pets', location: 'openapi.json', content, sha256: sha256(content) },
    ]);
  });

  test('sources of sources are fetched, each from its place and once', async () => {
    put('/apis/pets.json', openApiDocument());
    const workflows = put('/flows/shop.arazzo.yaml', petsAt('../apis/pets.json'));
    const definition = arazzoDocument([
      { name: 'shop', url: workflows, type: 'arazzo' },
      { name: 'same', url: `${host.url}/apis/pets.json` },
    ]).replace('operationId: $sourceDescriptions.shop.listPets', 'workflowId: $sourceDescriptions.shop.list_pets');
    const { status, body } = await deploy(definition);
    expect([status, body.diagnostics]).toEqual([201, undefined]);
    expect(host.seen.toSorted()).toEqual(['/apis/pets.json', '/flows/shop.arazzo.yaml']);
  });

  test('a duplicate runs what was fetched for the original, even when that is gone, and keeps it for itself', async () => {
    const url = put('/openapi.json', openApiDocument());
    await deploy(petsAt(url));
    host.documents.clear();
    const copy = await plane.send('POST', `${path()}/duplicate`, { name: `copy-of-${count}` });
    expect([copy.status, copy.body.data.diagnostics, host.seen]).toEqual([201, [], ['/openapi.json']]);
    const { activeDeploymentId } = copy.body.data;
    await plane.send('DELETE', path());
    ({ id } = copy.body.data);
    expect(await publishedUrl()).toContain('https://api.example.test/v1/pets');
    expect((await getDeployment(activeDeploymentId)).references).toMatchObject([
      { name: 'pets', content: openApiDocument() },
    ]);
    expect((await plane.send('PATCH', path(), { sourceServers: { pets: 'https://b.example.test' } })).status).toBe(200);
    expect(await publishedUrl()).toContain('https://b.example.test/pets');
  });

  test('equal documents of many deployments are stored once', async () => {
    const references = [{ name: 'pets', location: 'openapi.json', content: openApiDocument() }];
    for (const url of ['https://a.example/', 'https://b.example/']) await deploy(petsAt(url), references);
    expect(await states()).toEqual(['active', 'deployed']);
    expect(await plane.database.asPlatform((tx) => tx.source.count({ where: { serverId: id } }))).toBe(1);
  });

  test('B051: a schema that refers to itself is no problem', async () => {
    const schema = { type: 'object', properties: { parent: { $ref: '#/components/schemas/Pet' } } };
    const document = { ...JSON.parse(openApiDocument()), components: { schemas: { Pet: schema } } };
    document.paths['/pets'].get.requestBody = {
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
    };
    expect((await deploy(petsAt(put('/cyclic.json', JSON.stringify(document))))).status).toBe(201);
  });
});

describe('204', () => {
  test('when the document, what came with it and what was fetched for it are the same', async () => {
    const definition = petsAt(put('/openapi.json', openApiDocument()));
    const statuses = [(await deploy(definition)).status, (await deploy(definition)).status];
    expect([statuses, await states()]).toEqual([[201, 204], ['active']]);
  });

  test('not when the fetched document has changed', async () => {
    const definition = petsAt(put('/openapi.json', openApiDocument()));
    await deploy(definition);
    put('/openapi.json', openApiDocument('https://api.example.test/v2'));
    expect((await deploy(definition)).status).toBe(201);
    expect(await publishedUrl()).toContain('https://api.example.test/v2/pets');
  });
});

test('a rollback fetches nothing: what was fetched then runs again', async () => {
  const definition = petsAt(put('/openapi.json', openApiDocument()));
  const first = await deploy(definition);
  put('/openapi.json', openApiDocument('https://api.example.test/v2'));
  await deploy(definition);
  host.documents.clear();
  host.seen.length = 0;
  expect((await plane.send('POST', `${path()}/deployments/${first.body.id}/rollback`)).status).toBe(200);
  expect([await publishedUrl(), host.seen]).toEqual([expect.stringContaining('https://api.example.test/v1/pets'), []]);
});

describe('422', () => {
  const redirectTo = (location: string) =>
    put('/redirect', (_request, response) => void response.writeHead(302, { location }).end());

  test('26, B051: what cannot be fetched is reported where it is named, with the reason; nothing is saved', async () => {
    const url = `${host.url}/nowhere.json`;
    const { status, body } = await deploy(petsAt(url));
    const message = `The document of source "pets" could not be fetched from ${url}: The server answered with status 404`;
    expect([status, body.error.code, body.errors]).toEqual([
      422,
      'invalid_document',
      { raw_definition: [`4:43 ${message}`] },
    ]);
    expect(body.diagnostics).toMatchObject([
      { severity: 'error', code: 'source_unavailable', message, pointer: '/sourceDescriptions/0/url', line: 4 },
    ]);
    expect(await states()).toEqual([]);
  });

  test.each([
    ['a metadata address', () => 'https://169.254.169.254/latest/meta-data', 'because of its address'],
    ['a redirect to it', () => redirectTo('https://169.254.169.254/latest/meta-data'), 'because of its address'],
    ['a redirect to HTTP', () => redirectTo('http://example.com/'), 'because of its scheme'],
    ['a redirect to a file', () => redirectTo('file:///etc/passwd'), 'because of its scheme'],
    ['a name inside', () => 'https://metadata.google.internal/', 'name'],
    ['credentials in the URL', () => 'https://user:password@example.com/', 'because of its user information'],
    ['nobody there', () => 'https://127.0.0.1:1/', 'does not accept connections'],
    ['an endless document', () => put('/endless', sendEndlessly), 'has more than 5242880 bytes'],
    ['what is not text', () => put('/binary', (_, response) => void response.end(Buffer.of(0xff))), 'not UTF-8 text'],
    ['a URL that is too long', () => `${host.url}/${'x'.repeat(2000)}`, 'too long'],
  ] as [string, () => string, string][])('26, B051: %s', async (_name, urlOf, reason) => {
    const { status, body } = await deploy(petsAt(urlOf()));
    expect([status, body.diagnostics.map(({ code }: { code: string }) => code)]).toEqual([422, ['source_unavailable']]);
    expect(body.diagnostics[0].message).toContain(reason);
  });

  test('a host that failed so often that requests to it are paused, beside every other problem', async () => {
    await using failing = await startSourceHost();
    const url = `${failing.url}/openapi.json`;
    failing.documents.set('/openapi.json', (request) => void request.socket.destroy());
    const definition = petsAt(url).replace('description: Lists', 'description: 1 #');
    for (let count = 0; count < 10; count += 1) await validate(definition);
    const { status, body } = await deploy(definition);
    expect([status, failing.seen.length]).toEqual([422, 10]);
    expect(body.diagnostics).toMatchObject([
      { code: 'source_unavailable', pointer: '/sourceDescriptions/0/url', message: expect.stringContaining('paused') },
      { code: 'missing_description', pointer: '/workflows/0' },
      { code: 'wrong_type', pointer: '/workflows/0/description' },
    ]);
  });

  test('more than 20 MiB in all', async () => {
    const sources = [1, 2, 3, 4, 5].map((number) => {
      // As large as one document may be, and incompressible.
      const text = `{"openapi": "3.1.0", "x-text": "${randomBytes(3.9 * 1024 * 1024).toString('base64')}"`;
      return { name: `s${number}`, url: put(`/s${number}.json`, `${text.slice(0, 5 * 1024 * 1024 - 2)}"}`) };
    });
    const { body } = await deploy(arazzoDocument(sources));
    const unavailable = body.diagnostics.filter(({ code }: { code: string }) => code === 'source_unavailable');
    expect(unavailable).toHaveLength(1);
    expect(unavailable[0].message).toContain('Together with the other documents, it is larger than 20 MiB');
  });

  test.each(['file:///etc/passwd', 'http://169.254.169.254/latest/meta-data', 'openapi.json'])(
    '26, B051: %s is not even tried',
    async (url) => {
      const { status, body } = await deploy(petsAt(url));
      expect([status, body.diagnostics[0].code]).toEqual([422, 'source_missing']);
    },
  );

  test('B051: a $ref to another document is not followed', async () => {
    const document = JSON.parse(openApiDocument());
    document.paths['/pets'] = { $ref: `${host.url}/other.json#/paths/~1pets` };
    const { status, body } = await deploy(petsAt(put('/remote.json', JSON.stringify(document))));
    expect([status, host.seen]).toEqual([422, ['/remote.json']]);
    expect(body.diagnostics[0].severity).toBe('error');
  });

  test('every other problem is in the same answer, and a line of a source names it', async () => {
    const broken = petsAt('https://x.example/').replace('operationId', 'operationid');
    const definition = arazzoDocument([
      { name: 'missing', url: `${host.url}/nowhere.json` },
      { name: 'shop', url: put('/shop.arazzo.yaml', broken), type: 'arazzo' },
    ]).replace('stepId: list', 'stepId: "not an id"');
    const { body } = await deploy(definition);
    const codes = body.diagnostics.map(({ code }: { code: string }) => code);
    expect(codes).toEqual(expect.arrayContaining(['source_unavailable']));
    expect(new Set(body.diagnostics.map(({ source }: { source?: string }) => source))).toEqual(
      new Set([undefined, 'shop']),
    );
    expect(body.errors.raw_definition).toContainEqual(expect.stringMatching(/^shop:\d+:\d+ \S/));
  });
});

describe('validate', () => {
  test('fetches as a deployment does, and saves nothing', async () => {
    const { body } = await validate(petsAt(put('/openapi.json', openApiDocument())));
    expect([body.data, host.seen]).toEqual([{ valid: true, diagnostics: [] }, ['/openapi.json']]);
    expect((await validate(petsAt(`${host.url}/nowhere.json`))).body.data).toMatchObject({
      valid: false,
      diagnostics: [{ code: 'source_unavailable' }],
    });
  });

  test('fetches nothing for a key that may not deploy', async () => {
    const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'calls', permissions: ['tools:call'] });
    const { key } = body.data;
    const answer = await validate(petsAt(put('/openapi.json', openApiDocument())), key);
    expect([answer.body.data.diagnostics[0].code, host.seen]).toEqual(['source_missing', []]);
  });
});

// Runs last, because the other tests need a data plane.
test('503 without a data plane, and only for what it would have to fetch', async () => {
  await dataPlane[Symbol.asyncDispose]();
  const { status, body } = await deploy(petsAt(`${host.url}/openapi.json`));
  expect([status, body.error.code]).toEqual([503, 'config_unavailable']);
  const references = [{ name: 'pets', location: 'openapi.json', content: openApiDocument() }];
  expect((await deploy(petsAt(`${host.url}/openapi.json`), references)).status).toBe(201);
});

function sendEndlessly(_request: unknown, response: ServerResponse): void {
  const send = () => {
    while (!response.destroyed)
      if (!response.write(Buffer.alloc(65_536, 'x'))) return void response.once('drain', send);
  };
  send();
}
