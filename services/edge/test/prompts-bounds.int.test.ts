import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Manifest, succeeded } from '@toolplane/contracts';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import { ask } from './modern-client.ts';
import { startTestEdge, type TestEdge } from './test-edge.ts';
import { createTestIssuer, type TestIssuer } from './test-issuer.ts';

/*
 * Prompts, resources and completion run plans as tools do, so a caller's restriction to some tools applies to them, too
 * (A3, L5).
 */

let redis: TestRedis;
let edge: TestEdge;
let issuer: TestIssuer;

const plan = { planDigest: 'd1', deadlineMs: 5000 };
const completion = { planDigest: 'd2', deadlineMs: 5000 };
const argument = { name: 'who' };
const published: Partial<Manifest> = {
  prompts: [
    { name: 'reads', arguments: [argument], completion, ...plan, isReadOnly: true },
    { name: 'writes', arguments: [argument], completion, ...plan, isReadOnly: false },
    { name: 'unknown', arguments: [argument], ...plan },
  ],
  resources: [
    { uri: 'night://reads', name: 'reads', ...plan, isReadOnly: true },
    { uri: 'night://writes', name: 'writes', ...plan, isReadOnly: false },
    { uri: 'night://unknown', name: 'unknown', ...plan },
  ],
  resourceTemplates: [
    { uriTemplate: 'read://{who}', name: 'r', variables: [argument], completion, ...plan, isReadOnly: true },
    { uriTemplate: 'write://{who}', name: 'w', variables: [argument], completion, ...plan, isReadOnly: false },
  ],
};

beforeAll(async () => {
  redis = await startTestRedis();
  edge = await startTestEdge(undefined, redis.url);
  issuer = await createTestIssuer('https://tp.test/oauth');
  await edge.publishIssuer(issuer.url, issuer.keys);
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});
beforeEach(async () => {
  edge.calls.length = 0;
  edge.handle = async () => succeeded({ values: ['Ann'] }, [{ text: 'content' }]);
  await edge.publishServer(published);
});

const prompt = (name: string) => ['prompts/get', { name, arguments: { who: 'Ann' } }] as const;
const resource = (uri: string) => ['resources/read', { uri }] as const;
const completes = (ref: object) => ['completion/complete', { ref, argument: { name: 'who', value: 'A' } }] as const;
type Asking = readonly [method: string, params: object];

describe('a read-only token', () => {
  const reader = () =>
    issuer.sign({
      aud: `http://127.0.0.1/mcp/${edge.serverId}`,
      sub: 'psn_ann',
      client_id: 'https://client.test',
      tp_ws: edge.workspaceId,
      scope: 'tools:read',
    });
  const post = async ([method, params]: Asking) =>
    edge.post(
      { jsonrpc: '2.0', id: 1, method, params },
      { key: '', headers: { authorization: `Bearer ${await reader()}` } },
    );

  test.each<[string, Asking]>([
    ['a prompt', prompt('reads')],
    ['a resource', resource('night://reads')],
    ['a resource of a template', resource('read://ann')],
    ['the completion of a prompt', completes({ type: 'ref/prompt', name: 'reads' })],
    ['the completion of a template', completes({ type: 'ref/resource', uri: 'read://{who}' })],
  ])('may get %s whose plan only reads', async (_what, asking) => {
    expect((await post(asking)).body.error).toBeUndefined();
    expect(edge.calls).toHaveLength(1);
  });

  test.each<[string, Asking]>([
    ['a prompt that writes', prompt('writes')],
    ['a prompt that may write', prompt('unknown')],
    ['a resource that writes', resource('night://writes')],
    ['a resource that may write', resource('night://unknown')],
    ['a resource of a template that writes', resource('write://ann')],
    ['the completion of a prompt that writes', completes({ type: 'ref/prompt', name: 'writes' })],
    ['the completion of a template that writes', completes({ type: 'ref/resource', uri: 'write://{who}' })],
  ])('may not run %s, and is told the scope that is needed', async (_what, asking) => {
    const { status, headers, body } = await post(asking);
    expect([status, body.error.data.code]).toEqual([403, 'insufficient_scope']);
    expect(headers.get('www-authenticate')).toContain('scope="tools:call"');
    expect(edge.calls).toEqual([]);
  });

  test.each<[Partial<Manifest>, string]>([
    [{ prompts: published.prompts?.slice(0, 1) ?? [] }, 'tools:read'],
    [{ prompts: published.prompts ?? [] }, 'tools:call'],
    [{ resources: published.resources ?? [] }, 'tools:call'],
    [{ resourceTemplates: published.resourceTemplates ?? [] }, 'tools:call'],
  ])('is to be requested only where everything only reads: %#', async (changes, scope) => {
    await edge.publishServer(changes);
    const { headers } = await edge.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { key: '' });
    expect(headers.get('www-authenticate')).toContain(`scope="${scope}"`);
  });
});

describe('a key that is restricted to some tools', () => {
  const restricted = async () => (await edge.publishKey({ tools: ['*'] })).key;

  test.each<[string, Asking]>([
    ['prompts/list', ['prompts/list', {}]],
    ['resources/list', ['resources/list', {}]],
    ['resources/templates/list', ['resources/templates/list', {}]],
    ['prompts/get', prompt('reads')],
    ['resources/read', resource('night://reads')],
    ['completion/complete', completes({ type: 'ref/prompt', name: 'reads' })],
  ])('does not know the method %s, whether tools are listed or found', async (_name, asking) => {
    const key = await restricted();
    for (const mode of [{}, { mode: 'smart' as const }]) {
      await edge.publishServer({ ...published, ...mode });
      const [method, params] = asking;
      expect((await ask(edge, method, { ...params }, { key })).error.code).toBe(-32601);
      expect((await ask(edge, method, { ...params })).error).toBeUndefined();
    }
    expect(edge.calls.length).toBeLessThanOrEqual(2);
  });

  test('sees its tools, and capabilities without the rest', async () => {
    const key = await restricted();
    const { capabilities } = (await ask(edge, 'server/discover', {}, { key })).result;
    expect(Object.keys(capabilities).sort()).toEqual(['logging', 'tools']);
    const namesOf = async () =>
      (await ask(edge, 'tools/list', {}, { key })).result.tools.map(({ name }: { name: string }) => name);
    expect(await namesOf()).toEqual(['echo']);
    await edge.publishServer({ ...published, mode: 'smart' });
    expect(await namesOf()).toContain('execute_tools');
  });
});
