import { createInstance, putCredential, registerConnector } from '../src/connectors.ts';
import { startModernExternal } from '../src/external-servers.ts';
import { callPlainly } from '../src/plain-client.ts';
import { deployServer, putSecret, type TestPlatform } from '../src/platform.ts';
import { smallConnector } from '../src/small-connector.ts';
import { until } from '../src/until.ts';
import { startUpstream } from '../src/upstream.ts';

/** The ids of the created resources. */
export type Furnished = AsyncDisposable & {
  server: string;
  connector: string;
  instance: string;
  key: string;
  agent: string;
  user: string;
};

type Made = { id: string };

/** Creates at least one of everything that the console shows, so that no list and no part of a page is empty. */
export async function furnish(platform: TestPlatform): Promise<Furnished> {
  await using resources = new AsyncDisposableStack();
  const upstream = resources.use(
    await startUpstream(({ method }, response) => {
      if (method === 'POST') response.destroy();
      else response.setHeader('content-type', 'application/json').end('{"rooms":12}');
    }),
  );
  const external = resources.use(await startModernExternal());
  const { rest } = platform;
  const make = async (path: string, body: object) => (await rest.call<Made>('POST', path, body))?.id ?? '';
  const secret = { value: 'furnished-key-0123456789', hosts: [upstream.host] };
  const { id: origin } = await deployServer(platform, 'furnished-origin', documentOf('annex', upstream.url));
  const { id: server } = await deployServer(platform, 'furnished', documentOf('hotel', upstream.url), { KEY: secret });
  resources.defer(async () => {
    for (const id of [server, origin]) await rest.call('DELETE', `/mcp-servers/${id}`);
  });
  await putSecret(platform, server, 'KEY', { ...secret, hosts: ['elsewhere.example.com'] });
  await rest.call('POST', `/mcp-servers/${server}/deploy`, { definition: documentOf('grand-hotel', upstream.url) });
  const tools = await rest.call<{ slug: string; server: Made }[]>('GET', '/tools?q=count_rooms&limit=100');
  const selectedTools = tools?.filter((tool) => tool.server.id === origin).map(({ slug }) => slug);
  await rest.call('PATCH', `/mcp-servers/${server}`, {
    description: 'Rooms of a hotel',
    selectedTools,
    externalMcpConfigs: [{ name: 'guests', url: external.url, tools: ['*'] }],
  });
  await rest.call('PUT', `/mcp-servers/${server}/policy`, { policy });

  const agent = await make('/agents', { name: 'furnished robot', description: 'Books rooms' });
  await make(`/agents/${agent}/oauth-clients`, { name: 'build machine' });
  const key = await make('/api-keys', { name: 'of the robot', agentId: agent, allowedServers: [server] });
  const revoked = await make('/api-keys', { name: 'furnished and revoked' });
  await rest.call('DELETE', `/api-keys/${revoked}`);
  await make('/invitations', { scope: 'workspace', role: 'viewer', email: 'furnished@example.test' });
  const user = await make('/external-users', { username: 'furnished@example.test' });

  const connector = 'furnished-desk';
  for (const version of ['1.0.0', '1.1.0'])
    await registerConnector(platform, descriptorOf(connector, version, upstream));
  const { id: instance } = await createInstance(platform, {
    connector,
    instance_name: 'Furnished desk',
    auth_type: 'key',
    configuration: { host: upstream.host },
  });
  resources.defer(async () => void (await rest.call('DELETE', `/connector-instances/${instance}`)));
  const credential = { auth_type: 'key', fields: { api_key: 'furnished-key-0123456789' }, hosts: [upstream.host] };
  await putCredential(platform, { id: instance }, { scope: 'workspace', ...credential });
  await putCredential(platform, { id: instance }, { scope: 'user', subject: 'furnished@example.test', ...credential });

  const call = (tool: string, given = {}) =>
    callPlainly(platform, server, tool, given, { headers: { 'x-username': 'furnished@example.test' } });
  await call('count_rooms');
  await call('book_room', { number: 5 });
  await call('book_room', { number: 'five' });
  await until(async () => (await call('close_hotel')).result?.structuredContent['code'] === 'approval_required');
  external.say('Greets a guest, and says where you live.');
  const owned = resources.move();
  return { server, connector, instance, key, agent, user, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const policy = {
  rules: [
    { id: 'ask-first', effect: 'approve', tools: { names: ['close_hotel'] } },
    { id: 'no-party', effect: 'deny', description: 'Too loud', tools: { names: ['party'] } },
  ],
  limits: [{ id: 'not-too-many', per: 'user', calls: { max: 100, seconds: 60 } }],
};

const documentOf = (id: string, url: string) => `
flower: "0.1"
id: ${id}
flows:
  - id: count_rooms
    description: Counts the rooms of the hotel.
    inputs: { properties: { floor: { type: integer, default: 1, description: Which floor } } }
    steps:
      - id: count
        request: { method: GET, url: "${url}/rooms", headers: { Authorization: $secrets.KEY } }
        outputs: { rooms: $response.body.rooms }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { rooms: $steps.count.outputs.rooms }
${['book_room', 'close_hotel']
  .map(
    (tool) => `
  - id: ${tool}
    description: Changes something at the hotel.
    inputs: { properties: { number: { type: integer } } }
    steps: [{ id: send, request: { method: POST, url: "${url}/${tool}" } }]`,
  )
  .join('')}
`;

function descriptorOf(slug: string, version: string, { host }: { host: string }): string {
  const fields = [{ key: 'api_key', label: 'API key', field_type: 'secret', required: true }];
  const url = 'http://{config.host}/rooms';
  const configuration = [{ key: 'host', label: 'Host of the API', field_type: 'string', default_value: host }];
  const descriptor = JSON.parse(
    smallConnector({
      slug,
      version,
      authentication: [{ id: 'key', type: 'api_key', fields, test_endpoint: { url } }],
      operations: {
        [`look_${version.at(2)}`]: { endpoint: url, auth_type_ref: 'key', auth_headers: { 'X-API-Key': '{api_key}' } },
      },
      extra: {
        sla: { availability_percentage: 99.5, latency_ms_p95: 1500 },
        capabilities: { sync_modes: ['full_refresh'] },
        database_config: { schema: 'desks' },
      },
    }),
  );
  return JSON.stringify({ ...descriptor, metadata: { ...descriptor.metadata, configuration } });
}
