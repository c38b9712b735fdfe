import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CONNECTION_REPORT, type JsonObject, succeeded, type ToolCall } from '@toolplane/contracts';
import { ask } from './modern-client.ts';
import { callMeta, publishSmart, serverIdOf, type TestOffer, toolNamed } from './smart-server.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/* A server in mode SMART: the tools that it lists, and those that are found through it. */

let edge: TestEdge;

const usesConnection = true as const;
const slack: TestOffer = {
  toolkit: 'slack',
  name: 'Slack',
  synonyms: ['chat'],
  connection: { planDigest: 'plan of the report', deadlineMs: 5000, authentication: 'oauth2', requiredFields: [] },
  tools: [
    toolNamed('post_message', 'Posts a message to a channel.', {
      usesConnection,
      annotations: { readOnlyHint: false, destructiveHint: false },
      outputSchema: { type: 'object', properties: { ts: { type: 'string' } } },
    }),
    toolNamed('list_channels', 'Lists the channels of the workspace.', { usesConnection }),
  ],
};
const desk: TestOffer = {
  toolkit: 'desk',
  name: 'Help desk',
  isPublic: true,
  tools: [
    toolNamed('count_open', 'Counts the tickets that are open.', { title: 'Count open tickets' }),
    // This tool was taken from another server, and belongs to that server's part of the catalogue.
    toolNamed('borrowed', 'Posts a message to a channel.', { origin: { serverId: 'srv_other', name: 'post' } }),
  ],
};
const own = {
  tools: [toolNamed('own', 'Says what the smart server itself has.')],
  resources: [{ uri: 'note://1', name: 'note', planDigest: 'd1', deadlineMs: 5000 }],
};

beforeAll(async () => {
  edge = await startTestEdge();
  edge.handle = async ({ body }) => {
    const { tool, arguments: given } = body as ToolCall;
    if (tool !== CONNECTION_REPORT) return succeeded(given);
    const link = { token: 'a-token', hash: 'a-hash', expiresAt: Date.now() + 900_000 };
    return succeeded({ status: 'not_connected', ...(given['link'] === true ? { link } : {}) });
  };
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(async () => {
  edge.calls.length = 0;
  await publishSmart(edge, [slack, desk], own);
});

const discover = async (given: object, options = {}) => (await callMeta(edge, 'discover_tools', given, options)).value;
const slugsFor = async (useCase: string, options = {}) =>
  (await discover({ queries: [{ use_case: useCase }] }, options)).results[0].tools.map(({ slug }: JsonObject) => slug);
const listNames = ['discover_tools', 'execute_tools', 'get_tool_schemas', 'manage_connections'];

describe('a server in mode SMART', () => {
  test('lists the four meta tools and nothing else, in both eras; its resources stay', async () => {
    const { result } = await ask(edge, 'tools/list', {});
    const { body } = await edge.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(body.result.tools).toEqual(result.tools);
    expect(result.tools.map(({ name }: JsonObject) => name)).toEqual(listNames);
    expect(result.tools.map(({ annotations: hints }: JsonObject) => hints)).toMatchObject([
      { readOnlyHint: true },
      { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
      { readOnlyHint: true },
      { openWorldHint: true },
    ]);
    expect((await ask(edge, 'resources/list', {})).result.resources).toHaveLength(1);
  });

  test('has no other tools by name, and other servers have no meta tools', async () => {
    const { error } = await ask(edge, 'tools/call', { name: 'own', arguments: { text: 'a' } });
    expect(error.code).toBe(-32602);
    await edge.publishServer({ tools: own.tools });
    while ((await callMeta(edge, 'discover_tools', { mode: 'inventory' })).error?.code !== -32602);
    expect(edge.calls).toEqual([]);
  });

  test('tells a model that calls a tool of the catalogue by its name how to call it', async () => {
    const { error } = await ask(edge, 'tools/call', { name: 'slack.post_message', arguments: {} });
    const message = 'Unknown tool; the tools of the catalogue are called with execute_tools';
    expect(error).toEqual({ code: -32602, message });
  });

  test('refuses arguments that do not fit the schema, as any tool does', async () => {
    for (const given of [
      { queries: [] },
      { queries: [{ use_case: 'ab' }] },
      { mode: 'all' },
      { limit: 21 },
      [],
      7,
      {},
    ]) {
      const { result } = await callMeta(edge, 'discover_tools', given as object);
      expect(result).toMatchObject({ isError: true, structuredContent: { code: 'invalid_arguments' } });
    }
  });
});

describe('discover_tools', () => {
  test('finds the tools of other servers by their purpose, with the same result in text and structure', async () => {
    const { result, value } = await callMeta(edge, 'discover_tools', {
      queries: [{ use_case: 'send a message to a channel in Slack' }, { use_case: 'how many tickets are open' }],
    });
    expect(JSON.parse(result.content[0].text)).toEqual(value);
    expect(value).toEqual({
      session_id: expect.any(String),
      results: [
        {
          use_case: 'send a message to a channel in Slack',
          tools: expect.arrayContaining([
            {
              slug: 'slack.post_message',
              title: 'post_message',
              description: 'Posts a message to a channel.',
              toolkit: 'slack',
              score: expect.any(Number),
              read_only: false,
              connection: 'not_connected',
            },
          ]),
        },
        {
          use_case: 'how many tickets are open',
          tools: expect.arrayContaining([
            expect.objectContaining({ title: 'Count open tickets', read_only: true, connection: 'not_required' }),
          ]),
        },
      ],
      connections: [{ toolkit: 'slack', name: 'Slack', status: 'not_connected' }],
      next_steps: expect.arrayContaining([expect.stringContaining('get_tool_schemas')]),
    });
    expect(value.results[0].tools[0].slug).toBe('slack.post_message');
  });

  test('finds no tool twice: one that a server takes from another does not count as its own', async () => {
    expect(await slugsFor('post a message to a channel')).not.toContain('desk.borrowed');
    const { value } = await callMeta(edge, 'get_tool_schemas', { tool_slugs: ['desk.borrowed'] });
    expect(value.not_found).toHaveLength(1);
  });

  test('returns as many tools as requested, of one toolkit where one is named, with schemas on request', async () => {
    const value = await discover({
      queries: [{ use_case: 'channel', toolkit: 'slack' }],
      limit: 1,
      include_schemas: true,
    });
    expect(value.results[0].tools).toMatchObject([{ toolkit: 'slack', input_schema: echoTool.inputSchema }]);
    const unknown = await discover({
      queries: [{ use_case: 'channel', toolkit: 'slick' }, { use_case: 'open tickets' }],
    });
    expect(unknown.results[0].tools).toEqual([]);
    expect(unknown.results[1].tools[0].slug).toBe('desk.count_open');
    expect(unknown.next_steps[0]).toContain('the toolkits are: desk, slack');
    const [ofAll, named] = (
      await discover({
        queries: [{ use_case: 'open tickets' }, { use_case: 'channel', toolkit: 'slack' }],
        toolkit: 'desk',
      })
    ).results;
    expect([ofAll.tools, named.tools]).toMatchObject([[{ toolkit: 'desk' }], [{ toolkit: 'slack' }, {}]]);
  });

  test('marks a tool of an external server that nobody has reviewed, as get_tool_schemas does (T44)', async () => {
    const wild = { ...toolNamed('wild', 'Does anything.'), isUnreviewed: true as const };
    await publishSmart(edge, [{ toolkit: 'kit', tools: [wild, toolNamed('tame', 'Does one thing.')] }]);
    const { tools } = (await discover({ mode: 'inventory' })).results[0];
    expect(tools.map(({ slug, unreviewed }: JsonObject) => [slug, unreviewed])).toEqual([
      ['kit.tame', undefined],
      ['kit.wild', true],
    ]);
    const { value } = await callMeta(edge, 'get_tool_schemas', { tool_slugs: ['kit.wild', 'kit.tame'] });
    expect([value.schemas['kit.wild'].unreviewed, value.schemas['kit.tame'].unreviewed]).toEqual([true, undefined]);
  });

  test('truncates long descriptions between characters', async () => {
    await publishSmart(edge, [{ toolkit: 'kit', tools: [toolNamed('smile', 'Smiles. 😀'.padEnd(600, '😀'))] }]);
    const { description } = (await discover({ mode: 'inventory' })).results[0].tools[0];
    expect([description.length, description.isWellFormed()]).toEqual([400, true]);
  });

  test('says what to do when nothing is found', async () => {
    const value = await discover({ queries: [{ use_case: 'wash the dishes' }] });
    expect(value).toMatchObject({ results: [{ tools: [] }], next_steps: [expect.stringContaining('inventory')] });
  });

  test('says that nothing fits well, and recommends no tool that only has a word of the question', async () => {
    const unrelated = { use_case: 'post the laundry and the groceries to grandmother' };
    const doubt = /^No tool fits "post the laundry and the groceries to grandmother" well: .*Do not guess/;
    const value = await discover({ queries: [unrelated] });
    expect(value.results[0].tools[0].slug).toBe('slack.post_message');
    expect(value.next_steps[0]).toMatch(doubt);
    expect(value.next_steps.join(' ')).not.toMatch(/execute_tools|get_tool_schemas/);
    const both = await discover({ queries: [unrelated, { use_case: 'count open tickets' }] });
    expect(both.next_steps.slice(0, 2)).toEqual([
      expect.stringMatching(doubt),
      expect.stringContaining('tool_slugs: ["desk.count_open"]'),
    ]);
  });

  test('lists the inventory page by page, of one toolkit or of all', async () => {
    const first = await discover({ mode: 'inventory', limit: 2 });
    expect(first.inventory).toEqual({ total: 3, next_offset: 2, truncated: true });
    const second = await discover({ mode: 'inventory', limit: 2, offset: 2 });
    expect(second.inventory).toEqual({ total: 3, next_offset: null, truncated: false });
    const pages = [first, second].flatMap(({ results }) => results[0].tools).map(({ slug }) => slug);
    expect(pages).toEqual(['desk.count_open', 'slack.list_channels', 'slack.post_message']);
    const past = await discover({ mode: 'inventory', offset: 3 });
    expect(past.next_steps).toEqual(['There are no more tools at this offset: the total is 3.']);
    expect((await discover({ mode: 'inventory', toolkit: 'desk' })).inventory.total).toBe(1);
    const { result } = await callMeta(edge, 'discover_tools', { mode: 'inventory', toolkit: 'dusk' });
    expect(result).toMatchObject({ isError: true, structuredContent: { code: 'not_found' } });
  });

  test('keeps its answer readable for a model: schemas are left out first, and it says so', async () => {
    const property = { type: 'string', description: 'A long story about what this is. '.repeat(500) };
    const inputSchema = { type: 'object', properties: { text: property } };
    const tools = Array.from({ length: 20 }, (_, n) =>
      toolNamed(`do_${n}`, 'Frobnicates. '.repeat(200), { inputSchema }),
    );
    await publishSmart(edge, [{ toolkit: 'long', tools }]);
    const useCases = Array.from({ length: 10 }, (_, n) => ({ use_case: `frobnicate number ${n}` }));
    const { result, value } = await callMeta(edge, 'discover_tools', {
      queries: useCases,
      limit: 20,
      include_schemas: true,
    });
    expect(Buffer.byteLength(result.content[0].text)).toBeLessThan(82 * 1024);
    expect(value.results[9].tools).toHaveLength(20);
    expect(value.results[0].tools[0].input_schema).toEqual(inputSchema);
    expect(value.results[9].tools[19].input_schema).toBeUndefined();
    expect(value.next_steps.join(' ')).toContain('no room for the schemas');
  });
});

describe('get_tool_schemas', () => {
  const getSchemas = (given: object) => callMeta(edge, 'get_tool_schemas', given);

  test('gives what is needed to call tools, and similar slugs for those that do not exist', async () => {
    const { value } = await getSchemas({ tool_slugs: ['slack.post_message', 'slack.post_mesage'] });
    expect(value).toEqual({
      schemas: {
        'slack.post_message': {
          description: 'Posts a message to a channel.',
          input_schema: echoTool.inputSchema,
          annotations: { readOnlyHint: false, destructiveHint: false },
        },
      },
      not_found: [{ slug: 'slack.post_mesage', did_you_mean: expect.arrayContaining(['slack.post_message']) }],
    });
    const withOutput = await getSchemas({ tool_slugs: ['slack.post_message'], include_output: true });
    expect(withOutput.value.schemas['slack.post_message'].output_schema).toMatchObject({ type: 'object' });
  });

  test('refuses more than fits into one answer, but gives a single schema of any size', async () => {
    const inputSchema = { type: 'object', properties: { text: { type: 'string', description: 'x'.repeat(60_000) } } };
    const tools = ['a', 'b'].map((name) => toolNamed(name, 'Is large.', { inputSchema }));
    await publishSmart(edge, [{ toolkit: 'large', tools }]);
    const { result } = await getSchemas({ tool_slugs: ['large.a', 'large.b'] });
    expect(result).toMatchObject({ isError: true, structuredContent: { code: 'output_too_large' } });
    expect((await getSchemas({ tool_slugs: ['large.a'] })).value.schemas['large.a'].input_schema).toEqual(inputSchema);
  });
});

test('manage_connections gives a link on request, and none where there is nothing to connect', async () => {
  const given = { toolkits: ['slack', 'desk'], mode: 'connect' };
  const { value } = await callMeta(edge, 'manage_connections', given, { headers: { 'x-username': 'ada' } });
  expect(value.results).toMatchObject({
    slack: {
      status: 'initiated',
      connect_url: `https://console.example.test/connect/${edge.workspaceId}/a-token`,
      expires_at: expect.any(String),
    },
    desk: { status: 'no_auth_required' },
  });
});

test('manage_connections reports on toolkits, creates nothing, and names those that exist', async () => {
  const { value } = await callMeta(edge, 'manage_connections', { toolkits: ['slack', 'desk', 'none', 'slack'] });
  expect(value.results).toMatchObject({
    slack: { status: 'not_connected' },
    desk: { status: 'no_auth_required' },
    none: { status: 'failed', message: expect.stringContaining('the toolkits are: desk, slack') },
  });
  expect(edge.calls).toMatchObject([{ tool: CONNECTION_REPORT, arguments: {} }]);
});

describe('access to tools', () => {
  test('without a key covers only tools of servers that are themselves public', async () => {
    await publishSmart(edge, [slack, desk], { ...own, isPublic: true });
    expect(await slugsFor('message channel tickets open')).toContain('slack.post_message');
    const openly = async (name: string, given: object) =>
      (await edge.post(call(given, { name }), { key: '' })).body.result.structuredContent;
    const { inventory } = await openly('discover_tools', { mode: 'inventory' });
    expect(inventory.total).toBe(1);
    const calls = [{ slug: 'slack.list_channels', arguments: { text: 'a' } }];
    expect(await openly('execute_tools', { calls })).toMatchObject({ results: [{ error: { code: 'not_found' } }] });
    expect(edge.calls.filter(({ tool }) => tool !== CONNECTION_REPORT)).toEqual([]);
  });

  test('without a key counts each call of a batch', async () => {
    await publishSmart(edge, [desk], { isPublic: true });
    const { url } = await edge.startReplica({ publicCallsPerMinute: 6 });
    const calls = Array.from({ length: 4 }, () => ({ slug: 'desk.count_open', arguments: { text: 'a' } }));
    const execute = async () => {
      const response = await fetch(`${url}/mcp/${edge.serverId}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(call({ calls }, { name: 'execute_tools' })),
      });
      return ((await response.json()) as { result: JsonObject }).result['structuredContent'];
    };
    expect(await execute()).toMatchObject({ error_count: 0 });
    expect(await execute()).toMatchObject({ code: 'rate_limited', outcome: 'not_started' });
    expect(edge.calls).toHaveLength(4);
  });

  test('never includes a server of another workspace, whatever was published about it (T1)', async () => {
    await publishSmart(edge, [{ ...slack, workspaceId: 'ws_other' }, desk]);
    expect(await slugsFor('post a message to a slack channel')).not.toContain('slack.post_message');
  });

  test.each(['stopped', 'deleted'] as const)('ends when the server is %s', async (state) => {
    expect(await slugsFor('post a message')).toContain('slack.post_message');
    await edge.publishServer({ serverId: serverIdOf(edge, 'slack'), tools: slack.tools, state });
    while ((await slugsFor('post a message')).includes('slack.post_message'));
  });

  test('follows a deployment at once, both for what it adds and for what it removes', async () => {
    expect(await slugsFor('post a message')).toContain('slack.post_message');
    const tools = [toolNamed('send_fax', 'Sends a fax to a machine.')];
    await edge.publishServer({ serverId: serverIdOf(edge, 'slack'), slug: `${edge.slug}-slack`, tools });
    while (!(await slugsFor('send a fax')).includes('slack.send_fax'));
    expect(await slugsFor('post a message')).not.toContain('slack.post_message');
  });

  test('lists a tool of a server with two toolkits in the one that the tool names', async () => {
    const serverId = serverIdOf(edge, 'slack');
    const tools = [toolNamed('a', 'Is of one.', { toolkit: 'one' }), toolNamed('b', 'Is of two.', { toolkit: 'two' })];
    await edge.publishServer({ serverId, slug: `${edge.slug}-slack`, tools });
    await edge.publishCatalogue([
      { serverId, toolkit: 'one', name: 'One' },
      { serverId, toolkit: 'two', name: 'Two' },
    ]);
    const list = async () =>
      (await discover({ mode: 'inventory' })).results[0].tools.map(({ slug }: JsonObject) => slug);
    while (JSON.stringify(await list()) !== '["one.a","two.b"]');
  });
});

describe('a session', () => {
  const continued = (session_id: string, options = {}) =>
    callMeta(edge, 'discover_tools', { mode: 'inventory', session_id }, options);
  const refused = { isError: true, structuredContent: { code: 'invalid_arguments' } };

  test('continues by its id, also in execute_tools', async () => {
    const { session_id } = await discover({ mode: 'inventory' });
    expect((await continued(session_id)).value.session_id).toBe(session_id);
    const calls = [{ slug: 'desk.count_open', arguments: { text: 'a' } }];
    expect((await callMeta(edge, 'execute_tools', { calls, session_id })).value.error_count).toBe(0);
  });

  test('is valid only for its server, key and user, and says so (T31)', async () => {
    const { session_id } = await discover({ mode: 'inventory' });
    const { key } = await edge.publishKey({});
    const ofUser = { headers: { 'x-username': 'ada' } };
    expect((await continued(session_id, { key })).result).toMatchObject(refused);
    expect((await continued(session_id, ofUser)).result).toMatchObject(refused);
    expect((await continued(session_id.slice(0, -4))).result).toMatchObject(refused);
    const { session_id: hers } = await discover({ mode: 'inventory' }, ofUser);
    expect((await continued(hers, ofUser)).value.session_id).toBe(hers);
    expect((await continued(hers)).result.content[0].text).toContain('omit it');
    const calls = [{ slug: 'desk.count_open', arguments: { text: 'a' } }];
    expect((await callMeta(edge, 'execute_tools', { calls, session_id: hers })).result).toMatchObject(refused);
    expect(edge.calls.filter(({ tool }) => tool === 'count_open')).toHaveLength(0);
  });
});
