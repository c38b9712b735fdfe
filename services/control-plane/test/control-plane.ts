import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import {
  connectBus,
  createDebugStreamReader,
  createLocks,
  createPooledCaller,
  createPublisher,
  createSnapshot,
  createWorker,
  type DebugStreamReader,
  inPool,
  type Publisher,
  type Snapshot,
} from '@toolplane/bus';
import { apiKeyBytes, type Command, failed, formatApiKey, type Outcome, type SealingKey } from '@toolplane/contracts';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import {
  createSigner,
  createVerifier,
  generateIssuerKeys,
  generateSealingKeyPair,
  generateSigningKeys,
  parseCallKeys,
  type Signer,
} from '@toolplane/sealing';
import { createClientAddress, createLogger, SecretValue } from '@toolplane/service-kit';
import type { Api } from '@toolplane/service-kit/http';
import { ensureOperatorKeys } from '../src/access/organizations/bootstrap.ts';
import { createControlPlaneApi } from '../src/app.ts';
import type { VersionFollowing } from '../src/connectors/instances/follow-versions.ts';
import { createDomains, type Domains } from '../src/domains.ts';
import { createDatabase, type Database } from '../src/platform/database/database.ts';
import { readMigrations } from '../src/platform/database/migrate.ts';
import type { Principal } from '../src/platform/principals/principal.ts';
import type { Publishing } from '../src/publishing/publishing.ts';
import { createCompiler } from '../src/servers/documents/compiling/compiler.ts';
import { createTcpGate, type TcpGate } from './tcp-gate.ts';
import { createMigratedTestDatabase, createTestDatabase, type TestDatabase } from './test-database.ts';

// Starting takes a second on an idle machine, but many test files share two cores here.
jest.setTimeout(30_000);

export type HttpAnswer = {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any form
  body: any;
};

export type TestControlPlane = {
  close(): Promise<void>;
  api: Api<Principal>;
  domains: Domains;
  publishing: Publishing;
  /** The publisher of the control plane, with its signing key. */
  publisher: Publisher;
  signer: Signer;
  following: VersionFollowing;
  /** The base URL of the service. */
  base: string;
  database: Database;
  tables: TestDatabase;
  /** The gate through which the service reaches PostgreSQL. */
  postgresGate: TcpGate;
  redis: TestRedis;
  debugStreams: DebugStreamReader;
  /** What edge and data plane read. */
  snapshot: Snapshot;
  /** Opens a snapshot like a process that was just started. */
  openSnapshot(): Promise<Snapshot & AsyncDisposable>;
  sealingKey: SealingKey;
  /** The keys that a data plane must know. */
  keys: { commands: string; verify: string };
  /** The key with every permission. */
  rootKey: string;
  send(
    method: string,
    path: string,
    body?: unknown,
    options?: { key?: string; headers?: Record<string, string>; text?: string },
  ): Promise<HttpAnswer>;
  /** Creates another organization, and returns its key. */
  createTenant(): Promise<{ key: string; workspaceId: string }>;
  /** Acts as the data plane, optionally the one of a pool: answers commands until it or the control plane is closed. */
  serveCommands(handle: (command: Command) => Promise<Outcome>, pool?: string): Promise<{ close(): Promise<void> }>;
};

type Options = {
  isSuperuser?: boolean;
  taskMsMax?: number;
  trustedProxies?: string[];
  poolNames?: string[];
  quotas?: Partial<Parameters<typeof createDomains>[0]['quotas']>;
};

/** The whole service over HTTP, with its own PostgreSQL database, role and Redis. */
export async function startTestControlPlane(options: Options = {}): Promise<TestControlPlane> {
  const { isSuperuser = false, trustedProxies = [], poolNames = [], quotas = {}, ...compilerOptions } = options;
  const resources = new AsyncDisposableStack();
  const tables = resources.adopt(await (isSuperuser ? createTestDatabase() : createMigratedTestDatabase()), (it) =>
    it.drop(),
  );
  const redis = resources.use(await startTestRedis());
  const { hostname, port } = new URL(tables.url);
  const postgresGate = resources.adopt(await createTcpGate({ host: hostname, port: Number(port) }), (it) => it.close());
  const gatedUrl = Object.assign(new URL(isSuperuser ? tables.superuserUrl : tables.url), {
    hostname: '127.0.0.1',
    port: String(postgresGate.port),
  });

  const commandKeys = `k1:${randomBytes(32).toString('base64')}`;
  const keys = parseCallKeys(commandKeys);
  const newKeys = () => parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);
  const poolKeys = new Map(poolNames.map((pool) => [pool, newKeys()]));
  const signing = await generateSigningKeys();
  const { publicKey: sealingKey } = await generateSealingKeyPair();
  const database = resources.adopt(createDatabase({ url: gatedUrl.href }), (it) => it.close());
  const signer = await createSigner(signing.privateJwk);
  const connect = () => connectBus({ redisUrl: redis.url });
  const bus = resources.use(connect());
  const publisher = await createPublisher({ bus, signer });
  const caller = await createPooledCaller({ bus, queue: 'commands', keys, pools: poolKeys });
  const locks = await createLocks({ bus });
  const debugStreams = await createDebugStreamReader({ bus, keys });
  const verifier = await createVerifier(signing.publicJwks);
  const openSnapshot = async () => {
    const reading = connect();
    const snapshot = await createSnapshot({ bus: reading, verifier });
    return { ...snapshot, [Symbol.asyncDispose]: () => reading[Symbol.asyncDispose]() };
  };
  const snapshot = resources.use(await openSnapshot());

  const logger = createLogger('control-plane', 'silent');
  const pepper = new SecretValue(randomBytes(32).toString('hex'));
  const compiler = resources.use(createCompiler(compilerOptions));
  const publicUrl = 'https://api.example.test';
  const edgePublicUrl = 'https://mcp.example.test';
  const addressOf = createClientAddress(trustedProxies);
  const { domains, publishing, following } = createDomains({
    database,
    publisher,
    debugStreams,
    caller,
    poolNames,
    locks,
    compiler,
    pepper,
    signer,
    logger,
    oauthSigningKeys: new SecretValue(await generateIssuerKeys()),
    publicUrl,
    edgePublicUrl,
    addressOf,
    answerMsMax: {
      others: 2500,
      store_credential: 3000,
      test_connection: 2000,
      fetch_document: 3000,
      inspect_external_server: 5000,
    },
    externalRefreshMs: 300_000,
    auditRetentionDays: 400,
    callLogRetentionDays: 30,
    quotas: { workspaces: 1000, servers: 1000, apiKeys: 1000, externalUsers: 100_000, ...quotas },
  });
  await database.prepare(await readMigrations(new URL('../prisma/migrations/', import.meta.url)));
  const { key: rootKey } = formatApiKey({
    keyId: randomBytes(apiKeyBytes.keyId),
    secret: randomBytes(apiKeyBytes.secret),
  });
  await ensureOperatorKeys({ database, apiKeys: domains.apiKeys, logger }, { bootstrap: new SecretValue(rootKey) });
  await publishing.catchUp();

  const api = createControlPlaneApi(
    domains,
    { edgePublicUrl, publicUrl, allowedHosts: ['127.0.0.1'], requestsPerMinute: 120, addressOf },
    logger,
  );
  const server = createServer(api.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  resources.defer(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const send: TestControlPlane['send'] = async (method, path, body, options = {}) => {
    const { key = rootKey, headers = {}, text: sent = JSON.stringify(body) } = options;
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { 'x-api-key': key, ...(sent === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const isStream = response.headers.get('content-type') === 'text/event-stream';
    // A stream does not end. It is sufficient here that it began.
    const text = isStream ? '' : await response.text();
    if (isStream) await response.body?.cancel();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: /[/+]json\b/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined,
    };
  };

  return {
    api,
    domains,
    publishing,
    publisher,
    signer,
    following,
    database,
    tables,
    postgresGate,
    redis,
    debugStreams,
    snapshot,
    openSnapshot,
    sealingKey,
    keys: { commands: commandKeys, verify: signing.publicJwks },
    rootKey,
    base,
    send,
    async createTenant() {
      const { body } = await send('POST', '/api/v1/organizations', { name: 'Another' });
      return { key: body.data.apiKey.key, workspaceId: body.data.workspace.id };
    },
    async serveCommands(handle, pool) {
      const ofDataPlane = connect();
      const worker = await createWorker({
        bus: ofDataPlane,
        queue: inPool('commands', pool),
        keys: pool === undefined ? keys : (poolKeys.get(pool) ?? keys),
        handle: async ({ body, tenant }) => {
          const command = body as Command;
          return isOfTenant(command, tenant) ? handle(command) : failed('done', 'not_found', 'Not found');
        },
      });
      worker.run();
      let closed: Promise<void> | undefined;
      const close = () => (closed ??= worker.close({ graceMs: 1000 }).then(() => ofDataPlane[Symbol.asyncDispose]()));
      resources.defer(close);
      return { close };
    },
    close: async () => resources.disposeAsync(),
  };
}

/** Checks the tenant like data planes: a command is sealed for the tenant whose resources it touches. */
function isOfTenant(command: Command, tenant: string): boolean {
  if (command.command === 'test_connection') return command.plan.connection?.ownerId === tenant;
  if (!('ref' in command)) return true;
  return tenant === ('ownerId' in command.ref ? command.ref.ownerId : command.ref.workspaceId);
}

/** A small valid document. `marker` makes its text unique. */
export function flowerDocument(marker = 'a'): string {
  return `flower: "0.1"
id: tickets
title: Ticket tools
flows:
  - id: ticket_status
    description: Look a ticket up (${marker})
    inputs:
      properties: { number: { type: integer } }
      required: [number]
    steps:
      - id: find
        request: { method: GET, url: https://api.example.test/tickets/$inputs.number }
        outputs: { status: $response.body.status }
        actions:
          - { when: "$statusCode < 400", do: next }
    outputs: { status: $steps.find.outputs.status }
`;
}

/** A document with its own id and a tool for each name, which takes an integer `number`. */
export function flowerDocumentOf(id: string, ...tools: string[]): string {
  const [head = '', flow = ''] = flowerDocument().split(/(?= {2}- id: ticket_status)/);
  return head.replace('id: tickets', `id: ${id}`) + tools.map((name) => flow.replace('ticket_status', name)).join('');
}
