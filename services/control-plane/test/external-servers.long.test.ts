import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type AttachingPlane, serversPath as path, startAttachingPlane } from './attaching-plane.ts';
import { flowerDocument } from './control-plane.ts';
import { declaredServer, declaredTool } from './declared-servers.ts';
import { sealAnywhere } from './seal-anywhere.ts';
import { ticketDescriptor } from './ticket-descriptor.ts';

/* External MCP servers as the control plane attaches and publishes them. */

let attaching: AttachingPlane;
let url: string;
let name: string;
beforeAll(async () => {
  attaching = await startAttachingPlane();
});
afterAll(async () => {
  await attaching[Symbol.asyncDispose]();
});
beforeEach(() => {
  url = attaching.declare();
  name = new URL(url).hostname.split('.')[0] ?? '';
});

const weather = (fields: object = {}) => ({ name: 'weather', url, tools: ['*'], ...fields });
const request = (externalMcpConfigs: object[]) =>
  attaching.send('POST', path, { name, mode: 'NORMAL', externalMcpConfigs });

describe('a server with an external server', () => {
  test('may ask a person unless that is turned off, and its tools tell the edge whether they may ask at all', async () => {
    const expected = [
      [undefined, ['elicitation'], true],
      [['roots', 'sampling'], ['sampling', 'roots'], true],
      [[], [], undefined],
    ] as const;
    for (const [index, [allow, allowed, asks]] of expected.entries()) {
      const configs = [weather(allow === undefined ? {} : { allow: [...allow] })];
      const { id, externalMcpConfigs } = await attaching.create(`${name}-asks-${index}`, configs);
      expect(externalMcpConfigs).toMatchObject([{ allow: allowed }]);
      expect(new Set(attaching.outside.inspections.at(-1)?.allow)).toEqual(new Set(allowed));
      const tools = (await attaching.offered(id))?.tools ?? [];
      expect(tools.map((tool) => [tool.asks, tool.runsUnasked, tool.usesSession])).toEqual([
        [asks, asks, true],
        [asks, asks, true],
      ]);
    }
    const { status } = await request([weather({ allow: ['everything'] })]);
    expect(status).toBe(400);
  });

  test('offers its tools under its name, each with a plan that calls it there', async () => {
    const { id, state, externalMcpConfigs } = await attaching.create(name, [weather()]);
    expect(state).toBe('running');
    expect(externalMcpConfigs).toMatchObject([{ name: 'weather', url, headerNames: [], state: 'ok' }]);
    const manifest = await attaching.offered(id);
    const toolkit = expect.stringMatching(/^weather(-\d+)?$/);
    expect(manifest).toMatchObject({
      state: 'running',
      tools: [
        {
          name: 'weather__forecast',
          toolkit,
          nameInToolkit: 'forecast',
          isRepeatable: false,
          description: 'Does forecast',
          deadlineMs: 60_000,
        },
        { name: 'weather__alerts' },
      ],
    });
    const target = { kind: 'tool', name: 'forecast' };
    expect(await attaching.plane.snapshot.getPlan(manifest?.tools[0]?.planDigest ?? '')).toMatchObject({
      serverId: id,
      tool: 'weather__forecast',
      steps: [],
      external: { serverName: 'weather', url, transport: 'http', era: 'legacy', target },
    });
  });

  test('returns as much as is allowed; the error of a larger result can name the inputs that make it smaller', async () => {
    const inputSchema = { type: 'object', properties: { city: {}, limit: {} }, required: ['city'] };
    attaching.outside.servers.set(url, declaredServer([{ ...declaredTool('forecast'), inputSchema }]));
    const { id, externalMcpConfigs } = await attaching.create(name, [weather()]);
    const planOf = async () => {
      const digest = (await attaching.offered(id))?.tools[0]?.planDigest ?? '';
      return attaching.plane.snapshot.getPlan(digest);
    };
    expect(externalMcpConfigs).toMatchObject([{ maxOutputBytes: 81_920 }]);
    expect(await planOf()).toMatchObject({ outputBytesMax: 81_920, narrowingInputs: ['limit'] });
    await attaching.patch(id, [weather({ maxOutputBytes: 500 })]);
    expect(await attaching.report(id)).toMatchObject([{ maxOutputBytes: 500 }]);
    expect(await planOf()).toMatchObject({ outputBytesMax: 500 });
    for (const maxOutputBytes of [0, 1.5, 1024 ** 2 + 1]) {
      const { status, body } = await attaching.patch(id, [weather({ maxOutputBytes })]);
      expect(status).toBe(400);
      expect(JSON.stringify(body)).toContain('externalMcpConfigs.0.maxOutputBytes');
    }
  });

  test('offers the tools that are named, or all, or none', async () => {
    const { id } = await attaching.create(name, [weather({ tools: ['alerts'] })]);
    expect(await attaching.names(id)).toEqual(['weather__alerts']);
    await attaching.patch(id, [weather({ tools: [] })]);
    expect(await attaching.names(id)).toEqual([]);
    await attaching.patch(id, [weather()]);
    expect(await attaching.names(id)).toEqual(['weather__forecast', 'weather__alerts']);
    await attaching.patch(id, []);
    expect(await attaching.offered(id)).toMatchObject({ state: 'stopped', tools: [] });
  });

  test('offers them in addition to its own tools, which keep their names; one without a free name is left out (B116)', async () => {
    const tools = ['ticket_status', 'execute_tools', 'forecast', 'x'.repeat(125)].map((each) => declaredTool(each));
    attaching.outside.servers.set(url, declaredServer(tools));
    const { id } = await attaching.create(name, [weather({ prefix: '' })]);
    await attaching.send('POST', `${path}/${id}/deploy`, { definition: flowerDocument() });
    expect(await attaching.names(id)).toEqual([
      'ticket_status',
      'weather__ticket_status',
      'weather__execute_tools',
      'forecast',
      'x'.repeat(125),
    ]);
    // So that each tool is found in the catalogue by its own name.
    const own = (await attaching.offered(id))?.tools.find((tool) => tool.name === 'ticket_status');
    expect(own?.toolkit).toMatch(/^tickets(-\d+)?$/);
    await attaching.patch(id, [weather()]);
    const [{ reviewed }] = await attaching.report(id);
    expect(reviewed[3]).toMatchObject({ status: 'left_out', exposedAs: null, reason: expect.any(String) });
    expect(reviewed[0]).toEqual({
      name: 'ticket_status',
      status: 'new',
      changes: expect.any(Array),
      exposedAs: 'weather__ticket_status',
      digest: expect.any(String),
    });
  });

  test('offers its prompts and resources; where two have the same URI, that of the first', async () => {
    const digest = 'd';
    const resource = { uri: 'weather://today', name: 'today', digest };
    attaching.outside.servers.set(
      url,
      declaredServer([], {
        era: 'modern',
        completes: true,
        resources: [resource],
        prompts: [{ name: 'plan_trip', digest, arguments: [{ name: 'city', required: true }] }],
        resourceTemplates: [{ uriTemplate: 'weather://{city}', name: 'city', digest, variables: ['city'] }],
      }),
    );
    const second = { ...weather({ url: `${url}/2` }), name: 'second' };
    attaching.outside.servers.set(`${url}/2`, declaredServer([], { resources: [resource] }));
    const { id } = await attaching.create(name, [weather(), second]);
    const manifest = await attaching.offered(id);
    expect(manifest).toMatchObject({
      prompts: [{ name: 'weather__plan_trip', asks: true, arguments: [{ name: 'city' }], completion: {} }],
      resources: [{ uri: 'weather://today' }],
      resourceTemplates: [{ uriTemplate: 'weather://{city}', takesUri: true, variables: [{ name: 'city' }] }],
    });
    const targetOf = async (digest = '') => (await attaching.plane.snapshot.getPlan(digest))?.external?.target;
    expect(await targetOf(manifest?.prompts?.[0]?.planDigest)).toEqual({ kind: 'prompt', name: 'plan_trip' });
    expect(await targetOf(manifest?.prompts?.[0]?.completion?.planDigest)).toMatchObject({ kind: 'completion' });
    expect(await targetOf(manifest?.resourceTemplates?.[0]?.planDigest)).toEqual({ kind: 'resource' });
    const [, { leftOut }] = await attaching.report(id);
    expect(leftOut).toEqual([{ kind: 'resource', name: 'weather://today', reason: expect.any(String) }]);
  });

  test('has its tools in the catalogue, where other servers select them by their names there', async () => {
    const { key: own } = await attaching.plane.createTenant();
    const as = (method: string, to: string, body?: unknown) => attaching.plane.send(method, to, body, { key: own });
    const home = (await as('POST', path, { name, mode: 'NORMAL', externalMcpConfigs: [weather()] })).body.data;
    const { body } = await as('GET', '/api/v1/tools?toolkit=weather');
    expect(body.data).toMatchObject([
      {
        slug: 'weather.alerts',
        name: 'alerts',
        read_only: false,
        unreviewed: true,
        connection: 'not_required',
        server: { id: home.id },
      },
      { slug: 'weather.forecast' },
    ]);
    expect((await as('GET', '/api/v1/toolkits?kind=external')).body.data).toMatchObject([
      { slug: 'weather', kind: 'external', tools_count: 2 },
    ]);
    const selecting = { name: `${name}-selecting`, mode: 'NORMAL', selectedTools: ['weather.forecast'] };
    const { id } = (await as('POST', path, selecting)).body.data;
    expect((await attaching.offered(id))?.tools).toMatchObject([
      { name: 'forecast', origin: { serverId: home.id, name: 'weather__forecast' } },
    ]);
    await as('POST', `${path}/${home.id}/stop`);
    expect((await as('GET', '/api/v1/tools?toolkit=weather')).body.data).toEqual([]);
    expect(await attaching.offered(home.id)).toMatchObject({ state: 'stopped', tools: [] });
    await as('POST', `${path}/${home.id}/start`);
    expect(await attaching.names(home.id)).toEqual(['weather__forecast', 'weather__alerts']);
    expect(await attaching.names(id)).toEqual(['forecast']);
  });

  test('is copied with what was approved, and with only the names of its secrets', async () => {
    const { id } = await attaching.create(name, [weather({ headers: { Authorization: 'Bearer $secrets.TOKEN' } })]);
    attaching.outside.servers.set(url, declaredServer([declaredTool('forecast', 'Other')]));
    const { body } = await attaching.send('POST', `${path}/${id}/duplicate`, { name: `${name}-copy` });
    expect(body.data.externalMcpConfigs).toMatchObject([{ name: 'weather', headerNames: ['Authorization'] }]);
    expect(await attaching.names(body.data.id)).toEqual(['weather__forecast', 'weather__alerts']);
  });
});

describe('headers', () => {
  const seal = (value: string) => sealAnywhere(attaching.plane.sealingKey, { value, hosts: ['mcp.example.test'] });

  test('come sealed and are kept as secrets of the server; no answer shows more of them than their names', async () => {
    const sealed = await seal('Bearer a-canary-of-headers');
    const { id, externalMcpConfigs } = await attaching.create(name, [weather({ headers: { 'X-Token': { sealed } } })]);
    expect(externalMcpConfigs).toMatchObject([{ headerNames: ['X-Token'] }]);
    expect(attaching.counting.commands.at(-1)).toMatchObject({
      ref: { serverId: id, name: 'EXTERNAL_WEATHER_X_TOKEN' },
      sealed,
    });
    expect(attaching.outside.inspections.at(-1)).toMatchObject({
      headers: [['X-Token', { kind: 'text', parts: [{ path: ['secrets', 'EXTERNAL_WEATHER_X_TOKEN'] }] }]],
      owner: { serverId: id },
    });
    const texts = [
      await attaching.send('GET', `${path}/${id}`),
      await attaching.send('GET', `${path}/${id}/config`),
    ].map(({ text }) => text);
    expect(texts.join()).not.toMatch(/\$secrets|EXTERNAL_WEATHER|eyJ/);
    // If headers are left out, they stay as they are.
    expect((await attaching.patch(id, [weather({ tools: ['alerts'] })])).body.data.externalMcpConfigs).toMatchObject([
      { headerNames: ['X-Token'], tools: ['alerts'] },
    ]);
    const secrets = `${path}/${id}/secrets`;
    expect((await attaching.send('GET', `${secrets}/EXTERNAL_WEATHER_X_TOKEN`)).body.data).toMatchObject({
      usedBy: [{ tool: 'weather__alerts', steps: ['weather'] }],
      uncovered: [{ tool: 'weather__alerts', step: 'weather', host: new URL(url).host }],
    });
    expect((await attaching.patch(id, [weather({ headers: {} })])).body.data.externalMcpConfigs).toMatchObject([
      { headerNames: [] },
    ]);
    expect((await attaching.send('GET', secrets)).body.data).toEqual([]);
  });

  test('that are not sealed are refused with the place of the header', async () => {
    const headers = { 'X-Token': { sealed: 'plaintext' } };
    const externalMcpConfigs = [weather({ headers })];
    const refused = await attaching.send('POST', path, { name: 'not-sealed', mode: 'NORMAL', externalMcpConfigs });
    expect([refused.status, refused.body.error.details]).toEqual([
      400,
      [expect.objectContaining({ path: 'body.externalMcpConfigs.0.headers.X-Token.sealed' })],
    ]);
  });

  test('that come sealed again take effect with the configuration or not at all', async () => {
    const headersWith = async (value: string) => ({ headers: { 'X-Token': { sealed: await seal(value) } } });
    const { id } = await attaching.create(name, [weather(await headersWith('the first'))]);
    const kept = async () => (await attaching.send('GET', `${path}/${id}/secrets`)).body.data;
    const before = await kept();
    expect(before).toMatchObject([{ name: 'EXTERNAL_WEATHER_X_TOKEN', version: 1 }]);
    const refused = [weather({ tools: ['none'], ...(await headersWith('the second')) })];
    expect((await attaching.patch(id, refused)).status).toBe(400);
    expect(await kept()).toEqual(before);
    // The external servers are prepared by then, but the change is refused for another reason.
    const body = { externalMcpConfigs: [weather(await headersWith('the third'))], selectedTools: ['no.tool'] };
    expect((await attaching.send('PATCH', `${path}/${id}`, body)).status).toBe(400);
    expect(await kept()).toEqual(before);
    await attaching.patch(id, [weather(await headersWith('the fourth'))]);
    const after = await kept();
    expect(after).toMatchObject([{ name: expect.stringMatching(/^EXTERNAL_WEATHER_X_TOKEN_/) }]);
    expect(attaching.outside.inspections.at(-1)?.headers).toEqual([
      ['X-Token', expect.objectContaining({ parts: [{ path: ['secrets', after[0].name] }] })],
    ]);
  });

  test('with a plain value are refused with how to seal it: 400 without the value', async () => {
    const { status, body, text } = await request([weather({ headers: { Authorization: 'Bearer a-canary' } })]);
    expect([status, body.error.details]).toEqual([
      400,
      [
        {
          path: 'body.externalMcpConfigs.0.headers.Authorization',
          message: expect.stringMatching(/"sealed".*\$secrets\.NAME/),
        },
      ],
    ]);
    expect(text).not.toContain('canary');
  });

  test.each(['Host', 'content-length', 'Mcp-Session-Id', 'Proxy-Authorization', 'X Y', 'X-Y\r\nZ'])(
    'named %j are refused',
    async (header) => {
      expect((await request([weather({ headers: { [header]: '$secrets.TOKEN' } })])).status).toBe(400);
    },
  );

  test('that are sealed need the permission to store secrets: 403', async () => {
    const permissions = ['servers:read', 'servers:write'];
    const weak = (await attaching.send('POST', '/api/v1/api-keys', { name: 'weak', permissions })).body.data.key;
    const headers = { 'X-Token': { sealed: await seal('Bearer x') } };
    const request = { name, mode: 'NORMAL', externalMcpConfigs: [weather({ headers })] };
    expect((await attaching.plane.send('POST', path, request, { key: weak })).status).toBe(403);
    expect((await attaching.send('GET', `${path}/${name}`)).status).toBe(404);
  });
});

describe('400 with nothing saved', () => {
  test.each([
    ['an invalid name', { name: 'Weather' }, 'name'],
    ['a URL with a password', { url: 'https://a:b@mcp.example.test' }, 'url'],
    ['a URL of another kind', { url: 'file:///etc/passwd' }, 'url'],
    ['a URL that may not be called', { url: 'https://denied.example.test' }, 'url'],
    ['a star among names', { tools: ['*', 'alerts'] }, 'tools'],
    ['a prefix that no name can begin with', { prefix: 'a b' }, 'prefix'],
  ])('%s', async (_title, fields, place) => {
    const { status, body } = await request([weather(fields)]);
    expect([status, body.error.details[0].path]).toEqual([400, `body.externalMcpConfigs.0.${place}`]);
    expect((await attaching.send('GET', `${path}/${name}`)).status).toBe(404);
  });

  test('two with the same name', async () => {
    expect((await request([weather(), weather()])).body.error.details).toMatchObject([
      { path: 'body.externalMcpConfigs.1.name' },
    ]);
  });

  test('tools that it does not have, each with those that may have been meant', async () => {
    const leftOut = [{ kind: 'tool', name: 'deep', reason: 'Its schema is too deep' } as const];
    attaching.outside.servers.set(url, declaredServer([declaredTool('forecast')], { leftOut }));
    const { status, body } = await request([weather({ tools: ['forecasts', 'deep'] })]);
    expect([status, body.error.details]).toEqual([
      400,
      [
        {
          path: 'body.externalMcpConfigs.0.tools.0',
          message: 'is not a tool of this server',
          suggestions: ['forecast'],
        },
        { path: 'body.externalMcpConfigs.0.tools.1', message: expect.stringContaining('too deep') },
      ],
    ]);
    expect((await attaching.send('GET', `${path}/${name}`)).status).toBe(404);
  });

  test('a server of a connector, whose instance alone decides what it runs: 409', async () => {
    await attaching.send('POST', '/api/v1/connectors', { descriptor: ticketDescriptor({ slug: name }) });
    const request = { connector: name, instance_name: name, auth_type: 'api_key' };
    const { status, body } = await attaching.send('POST', '/api/v1/connector-instances', request);
    expect([status, body.error]).toEqual([201, undefined]);
    expect((await attaching.patch(body.data.server.id, [weather()])).status).toBe(409);
  });
});
