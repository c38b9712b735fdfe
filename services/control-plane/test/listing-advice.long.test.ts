import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AttachingPlane, serversPath as path, startAttachingPlane } from './attaching-plane.ts';
import { flowerDocumentOf } from './control-plane.ts';
import { declaredServer, declaredTool } from './declared-servers.ts';

/*
 * Advice on the names and the number of all tools that clients of a server see, wherever these are from. Every response
 * to a change of the tools contains it.
 */

let attaching: AttachingPlane;
/** An external server with 60 tools. */
let docs: { name: string; url: string; tools: string[] };
beforeAll(async () => {
  attaching = await startAttachingPlane();
  const url = attaching.declare();
  docs = { name: 'docs', url, tools: ['*'] };
  attaching.outside.servers.set(url, declaredServer(named(60, 'page').map((name) => declaredTool(name))));
});
afterAll(async () => {
  await attaching[Symbol.asyncDispose]();
});

type Advice = { code: string; message: string; pointer: string };

const named = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}_${index}`);
const flows = (count: number, id = 'trains', prefix = 'read') => flowerDocumentOf(id, ...named(count, prefix));
const send: AttachingPlane['send'] = (...request) => attaching.send(...request);

/** The advice on names and numbers. The messages begin with the number of tools. */
function adviceOf({ status, body }: Awaited<ReturnType<typeof send>>, expected = 200): string[] {
  expect([status, body.error]).toEqual([expected, undefined]);
  const { diagnostics } = body.data as { diagnostics: Advice[] };
  const about = diagnostics.filter(({ code }) => ['too_many_tools', 'long_name'].includes(code));
  return about.map(({ code, pointer, message }) => [code, pointer, message.match(/\d+ tools/)?.[0]].join(' ').trim());
}

const create = (name: string, fields: object) => send('POST', path, { name, ...fields });
const patch = (name: string, fields: object) => send('PATCH', `${path}/${name}`, fields);
const deploy = (name: string, definition: string) => send('POST', `${path}/${name}/deploy`, { definition });
const validate = (server: string, definition: string) =>
  send('POST', '/api/v1/documents/validate', { server, definition });
const config = (name: string) => send('GET', `${path}/${name}/config`);

async function createWith(name: string, fields: object, definition: string): Promise<void> {
  expect((await create(name, fields)).status).toBe(201);
  expect((await deploy(name, definition)).status).toBe(201);
}

describe('POST', () => {
  test('of a server that lists too much of an external server', async () => {
    expect(adviceOf(await create('made', { mode: 'NORMAL', externalMcpConfigs: [docs] }), 201)).toEqual([
      'too_many_tools  60 tools',
    ]);
    expect(adviceOf(await create('smart', { mode: 'SMART', externalMcpConfigs: [docs] }), 201)).toEqual([]);
    expect(adviceOf(await create('few', { mode: 'NORMAL' }), 201)).toEqual([]);
  });

  test('of a copy counts what it has of its own and of others, once', async () => {
    await createWith('original', { mode: 'NORMAL', externalMcpConfigs: [docs] }, flows(45));
    const copy = await send('POST', `${path}/original/duplicate`, { name: `copy-${'n'.repeat(45)}` });
    expect(adviceOf(copy, 201)).toEqual(['too_many_tools  105 tools', 'long_name']);
  });
});

describe('a deployment', () => {
  test('counts the tools of external servers; the check before it says the same', async () => {
    await create('deployed', { mode: 'NORMAL', externalMcpConfigs: [docs] });
    for (const count of [30, 45]) {
      const expected = [`too_many_tools  ${count + 60} tools`];
      expect(adviceOf(await validate('deployed', flows(count)))).toEqual(expected);
      expect(adviceOf(await deploy('deployed', flows(count)), 201)).toEqual(expected);
    }
  });

  test('counts its own tools where they are, if there are no others', async () => {
    await create('own', { mode: 'NORMAL' });
    expect(adviceOf(await deploy('own', flows(45)), 201)).toEqual(['too_many_tools /flows 45 tools']);
  });

  test('says of each name once that it is too long: of own names where they are, of others together', async () => {
    const name = 'night-trains-of-the-northern-and-of-the-southern-coast';
    await create(name, { mode: 'NORMAL', externalMcpConfigs: [{ ...docs, tools: ['page_1', 'page_2'] }] });
    const answer = await deploy(name, flows(2, 'coasts'));
    expect(adviceOf(answer, 201)).toEqual(['long_name /flows/0/id', 'long_name /flows/1/id', 'long_name']);
    const { message, hint } = answer.body.data.diagnostics.at(-1);
    expect(message).toContain(`"mcp__${name}__docs__page_1", "mcp__${name}__docs__page_2"`);
    expect(hint).toContain('a name of at most 45 characters for the server');
  });
});

describe('PATCH', () => {
  test('of the mode, if clients then see too many tools', async () => {
    await createWith('searched', { mode: 'SMART' }, flows(45));
    expect(adviceOf(await patch('searched', { mode: 'NORMAL' }))).toEqual(['too_many_tools  45 tools']);
    expect(adviceOf(await patch('searched', { mode: 'SMART' }))).toEqual([]);
  });

  test('of the name, if names of tools are then too long', async () => {
    await createWith('renamed', { mode: 'NORMAL', externalMcpConfigs: [{ ...docs, tools: ['page_1'] }] }, flows(2));
    const answer = await patch('renamed', { name: 'r'.repeat(55) });
    expect(adviceOf(answer)).toEqual(['long_name']);
    expect(answer.body.data.diagnostics[0].message).toMatch(/__read_0", .*__read_1", .*__docs__page_1"$/);
    expect(adviceOf(await patch('r'.repeat(55), { name: 'renamed-again' }))).toEqual([]);
  });

  test('of the external servers', async () => {
    await createWith('attached', { mode: 'NORMAL' }, flows(2));
    expect(adviceOf(await patch('attached', { externalMcpConfigs: [docs] }))).toEqual(['too_many_tools  62 tools']);
    const long = { ...docs, tools: ['page_1'], prefix: `${'p'.repeat(60)}_` };
    const answer = await patch('attached', { externalMcpConfigs: [long] });
    expect(adviceOf(answer)).toEqual(['long_name']);
    expect(answer.body.data.diagnostics[0].hint).toBe('Choose a shorter prefix for the external server.');
  });

  test('of the selected tools', async () => {
    await createWith('shelf', { mode: 'SMART' }, flows(45, 'shelf', 'book'));
    await createWith('reader', { mode: 'NORMAL' }, flows(2, 'reader'));
    const selectedTools = named(45, 'shelf.book');
    expect(adviceOf(await patch('reader', { selectedTools }))).toEqual(['too_many_tools  47 tools']);
    expect(adviceOf(await patch('reader', { selectedTools: selectedTools.slice(5) }))).toEqual([
      'too_many_tools  42 tools',
    ]);
    expect(adviceOf(await patch('reader', { selectedTools: selectedTools.slice(7) }))).toEqual([]);
  });

  test('of anything else gives no advice on tools, which stay as they are', async () => {
    await create('described', { mode: 'NORMAL', externalMcpConfigs: [docs] });
    expect(adviceOf(await patch('described', { description: 'Finds pages' }))).toEqual([]);
  });

  test('that compiles the document again says nothing twice, and takes the new name into account', async () => {
    await createWith('compiled', { mode: 'NORMAL', externalMcpConfigs: [docs] }, flows(45));
    const change = { name: 'c'.repeat(55), sourceServers: { api: 'https://staging.example.test' } };
    const codes = adviceOf(await patch('compiled', change));
    expect(codes.filter((code) => code.startsWith('too_many_tools'))).toEqual(['too_many_tools  105 tools']);
    expect(codes.filter((code) => code === 'long_name /flows/0/id')).toHaveLength(1);
    expect(codes.filter((code) => code === 'long_name')).toHaveLength(1);
  });

  test('of a stopped server says what clients will see when it runs', async () => {
    await createWith('halted', { mode: 'NORMAL', externalMcpConfigs: [docs] }, flows(2));
    await send('POST', `${path}/halted/stop`);
    expect(adviceOf(await patch('halted', { mode: 'NORMAL' }))).toEqual(['too_many_tools  62 tools']);
  });
});

test('GET …/config has the advice at any time', async () => {
  await createWith('shown', { mode: 'NORMAL', externalMcpConfigs: [docs] }, flows(2));
  expect(adviceOf(await config('shown'))).toEqual(['too_many_tools  62 tools']);
  await patch('shown', { mode: 'SMART' });
  expect(adviceOf(await config('shown'))).toEqual([]);
});
