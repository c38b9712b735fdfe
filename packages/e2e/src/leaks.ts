import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchRedis } from '@toolplane/loopback/redis-monitor';
import { Redis } from 'ioredis';
import pg from 'pg';
import { joinOrganization } from './member.ts';
import type { TestPlatform } from './platform.ts';

/* The places that a value can have leaked to, and the forms that it may have there. */

/** A value in the encodings in which programs write it. */
export function encodingsOf(value: string): Record<string, string> {
  return {
    plain: value,
    'in JSON': JSON.stringify(value).slice(1, -1),
    'percent-encoded': encodeURIComponent(value),
    base64: Buffer.from(value).toString('base64').replace(/=+$/, ''),
    base64url: Buffer.from(value).toString('base64url'),
    hex: Buffer.from(value).toString('hex'),
    'HTML-escaped': value.replaceAll('"', '&quot;'),
  };
}

/** All forms by which a value is found, even as a part of a larger text that was encoded. */
export function formsOf(value: string): Record<string, string> {
  const percentEncoded = encodeURIComponent(value);
  return {
    ...encodingsOf(value),
    ...Object.fromEntries([0, 1, 2].map((before) => [`base64 after ${before} bytes`, base64After(before, value)])),
    ...Object.fromEntries(
      [0, 1, 2].map((before) => [
        `percent-encoded in base64 after ${before} bytes`,
        base64After(before, percentEncoded),
      ]),
    ),
  };
}

/** The part of the base64 text that depends only on the value, whatever precedes and follows it, as in `user:value`. */
function base64After(before: number, value: string): string {
  return Buffer.from(`${'-'.repeat(before)}${value}`)
    .toString('base64')
    .slice(4, -4);
}

/** Records all commands that Redis receives from now on. */
export async function monitorRedis(url: string): Promise<Disposable & { traffic: string[] }> {
  const traffic: string[] = [];
  const watch = await watchRedis(url, ({ words }) => traffic.push(words.join(' ')));
  return { traffic, [Symbol.dispose]: watch.stop };
}

/** Everything that the platform stores, by storage location. */
export async function dumpPlaces(platform: TestPlatform) {
  return {
    'Redis content': await dumpRedis(platform.redisUrl),
    PostgreSQL: await dumpDatabase(platform.database.url),
    logs: platform.logs(),
    'secret files, which are encrypted': dumpFolder(platform.secretsFolder),
  };
}

/** The identifiers of one workspace's resources in the paths of the REST API. */
export type ResourceIds = { server: string; instance: string; connector: string };

const USERNAME = 'somebody';

/** Returns the control plane's responses to every GET in its OpenAPI document, with existing ids in each path. */
export async function readEveryAnswer(
  platform: TestPlatform,
  named: ResourceIds,
): Promise<{ text: string; failed: string[] }> {
  await platform.rest.call('POST', '/external-users', { username: USERNAME });
  await platform.rest.call('POST', '/agents', { name: 'reads every answer' });
  const read = (path: string) => fetch(`${platform.api}${path}`, { headers: { 'x-api-key': platform.apiKey } });
  const { paths } = (await (await read('/api/v1/openapi.json')).json()) as { paths: Paths };
  // The session of an owner reads what API keys may not read.
  const { cookie } = await joinOrganization(platform, 'owner');
  // This invitation is never used.
  await platform.rest.call('POST', '/invitations', { scope: 'organization', role: 'owner' });
  const ids = {
    ...named,
    agent: await firstId('/api/v1/agents'),
    apiKey: await firstId('/api/v1/api-keys'),
    invitation: await firstId('/api/v1/invitations'),
    person: await firstId('/api/v1/members'),
    workspace: await firstId('/api/v1/workspaces'),
    user: await firstId('/api/v1/external-users'),
    call: await firstId('/api/v1/calls'),
    deployment: await firstId(`/api/v1/mcp-servers/${named.server}/deployments`),
  };
  const parts: string[] = [];
  const failed: string[] = [];
  for (const [path, { get }] of Object.entries(paths)) {
    if (get === undefined || absent.has(path)) continue;
    const isOfPerson = get.security?.some((scheme) => 'apiKey' in scheme) === false;
    const filled = `${fillPath(path, ids)}${queries[path]?.(ids) ?? ''}`;
    const response = isOfPerson ? await fetch(`${platform.api}${filled}`, { headers: { cookie } }) : await read(filled);
    if (!response.ok) failed.push(`${response.status} ${path}`);
    parts.push(path, JSON.stringify([...response.headers]), await response.text());
  }
  return { text: parts.join('\n'), failed };

  async function firstId(path: string): Promise<string> {
    const { data } = (await (await read(path)).json()) as { data: { id?: string; personId?: string }[] };
    return data[0]?.id ?? data[0]?.personId ?? '';
  }
}

type Paths = Record<string, { get?: { security?: object[] } }>;

/** The query strings of paths that require one. */
const queries: Record<string, (ids: ResourceIds) => string> = {
  '/api/v1/sealing-target': ({ server }) => `?server=${server}&secret=CANARY`,
};

/** Paths of resources that do not exist here; their lists are read. */
const absent = new Set([
  '/api/v1/approvals/{id}',
  '/api/v1/sso-connections/{id}',
  ...['mcp-servers', 'mcp_manager'].flatMap((base) =>
    ['', '/events', '/calls', '/calls/{callId}', '/calls/{callId}/trace'].map(
      (rest) => `/api/v1/${base}/{id}/debug-sessions/{sessionId}${rest}`,
    ),
  ),
]);

type Ids = ResourceIds &
  Record<'agent' | 'apiKey' | 'invitation' | 'person' | 'workspace' | 'user' | 'deployment' | 'call', string>;

/** The resource that `{id}` identifies, by the preceding path segment. */
const idNames: Record<string, keyof Ids> = {
  agents: 'agent',
  'api-keys': 'apiKey',
  calls: 'call',
  'connector-instances': 'instance',
  'external-users': 'user',
  invitations: 'invitation',
  'mcp-servers': 'server',
  mcp_manager: 'server',
  workspaces: 'workspace',
};

function fillPath(path: string, ids: Ids): string {
  const id = ids[idNames[path.split('/')[3] ?? ''] ?? 'server'];
  const filled = path
    .replace('{id}', id)
    .replace('{deploymentId}', ids.deployment)
    .replace('{personId}', ids.person)
    .replace('{name}', 'CANARY')
    .replace('{slug}', ids.connector)
    .replace('{version}', '1.0.0')
    .replace('{scope}', 'workspace')
    .replace('{username}', USERNAME);
  return `${filled}${queryOf(path)}`;
}

export function findLeaks(places: Record<string, string>, forms: Record<string, string>): string[] {
  return Object.entries(places).flatMap(([place, text]) =>
    Object.entries(forms).flatMap(([name, form]) => (text.includes(form) ? [`${name} in ${place}`] : [])),
  );
}

async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  const parts: string[] = [];
  for await (const keys of redis.scanStream({ count: 100 }) as AsyncIterable<string[]>) {
    for (const key of keys) {
      const dump = await redis.dumpBuffer(key);
      parts.push(key, dump?.toString('latin1') ?? '', JSON.stringify(await readPlainly(redis, key)));
    }
  }
  redis.disconnect();
  return parts.join('\n');
}

/** Reads a value with the command for its type, because `DUMP` compresses long strings. */
async function readPlainly(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  if (type === 'string') return redis.get(key);
  if (type === 'hash') return redis.hgetall(key);
  if (type === 'stream') return redis.xrange(key, '-', '+');
  if (type === 'list') return redis.lrange(key, 0, -1);
  return type === 'zset' ? redis.zrange(key, '0', '-1') : undefined;
}

async function dumpDatabase(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`SELECT set_config('app.platform', 'on', false)`);
  const { rows: tables } = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
  const parts: string[] = [];
  for (const { tablename } of tables) {
    const { rows } = await client.query(`SELECT row_to_json(t)::text AS row FROM "${tablename}" t`);
    parts.push(tablename, ...rows.map(({ row }) => row));
  }
  await client.end();
  return parts.join('\n');
}

function dumpFolder(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'latin1')}`)
    .join('\n');
}

/** The query string of a path, if the GET needs one. */
function queryOf(path: string): string {
  if (path.endsWith('/diff')) return '?from=1.0.0&to=1.0.0';
  return path.endsWith('/sign-in/sso') ? '?domain=example.test' : '';
}
