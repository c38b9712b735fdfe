import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { connectBus, createPublisher, createWorker, type DeliveredCall, type Snapshot } from '@toolplane/bus';
import {
  type ApiKeyRecord,
  type ApprovalDecision,
  apiKeyBytes,
  type CatalogueToolkit,
  type ExternalUserRecord,
  formatApiKey,
  type Issuer,
  type JsonObject,
  type Manifest,
  type Outcome,
  permissions,
  succeeded,
  type ToolCall,
  type UserRules,
} from '@toolplane/contracts';
import {
  createSigner,
  createVerifier,
  digestOfUser,
  generateSigningKeys,
  hashApiKey,
  parseCallKeys,
} from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import type { Edge } from '../src/edge.ts';
import { keyRecordOf, manifestOf } from './published.ts';
import { createReplica, type Limits, type Noted, type Replica, type RequestTimeouts } from './replica.ts';

export type TestEdge = AsyncDisposable &
  Noted & {
    url: string;
    /** The parts of the app. */
    parts: Edge;
    /** Returns the number of calls that all edges have admitted and that have not ended. */
    leases(): Promise<number>;
    serverId: string;
    slug: string;
    workspaceId: string;
    key: string;
    /** Handles a call as the data plane; by default, it answers with the arguments. */
    handle: (call: DeliveredCall) => Promise<Outcome>;
    /** The tool calls that have reached the data plane. */
    calls: ToolCall[];
    publishServer(changes: Partial<Manifest>): Promise<void>;
    publishCatalogue(toolkits: CatalogueToolkit[]): Promise<void>;
    markLinkUsed(hash: string): Promise<void>;
    /** Publishes the platform's own authorization server for all edges that share the Redis. */
    publishIssuer(issuer: string, keys: Issuer['jwks']['keys']): Promise<void>;
    publishKey(changes: Partial<ApiKeyRecord>): Promise<{ key: string; record: ApiKeyRecord }>;
    /** Publishes the rules for the users that may be named in the workspace; by default, all. */
    publishUserRules(changes: Partial<UserRules>): Promise<void>;
    publishUser(username: string, state: ExternalUserRecord['state']): Promise<void>;
    /** Publishes a decision about a call, for a minute, and waits until all edges know it. */
    publishApproval(decision: Pick<ApprovalDecision, 'requestDigest' | 'approvalId' | 'state'>): Promise<void>;
    digestOf(username: string): string;
    post(body: unknown, options?: PostOptions): Promise<TestAnswer>;
    /**
     * Starts one more edge, as behind a load balancer: it has the same keys, the same Redis and the same publication,
     * and nothing else in common.
     */
    startReplica(limits?: Limits, timeouts?: RequestTimeouts): Promise<Replica>;
  };

export type PostOptions = {
  path?: string;
  key?: string | undefined;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** If true, the answer is not JSON. */
  raw?: boolean;
};
export type TestAnswer = { status: number; headers: Headers; text: string; body: JsonRpcAnswer };
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any form
export type JsonRpcAnswer = any;

const inputSchema: JsonObject = {
  type: 'object',
  properties: {
    text: { type: 'string', pattern: '^[^!]*$' },
    count: { type: 'integer', minimum: 0, default: 1 },
  },
  required: ['text'],
  additionalProperties: false,
};

/** The tool of the test server, as clients see it. */
export const echoTool = {
  name: 'echo',
  title: 'Echo',
  description: 'Gives back what it gets.',
  inputSchema,
  annotations: { readOnlyHint: true },
};

/** Starts an edge that serves HTTP, with a real queue, and with a worker instead of the data plane. */
export async function startTestEdge(
  limits?: Limits,
  redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
): Promise<TestEdge> {
  const resources = new AsyncDisposableStack();
  const keys = parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);
  const signing = await generateSigningKeys();
  const signer = await createSigner(signing.privateJwk);
  // What is not a part of the edge: publisher and worker.
  const bus = resources.use(connectBus({ redisUrl }));
  const publisher = await createPublisher({ bus, signer });
  const verifier = await createVerifier(signing.publicJwks);
  // Test files share one Redis, so a separate queue keeps the calls of this edge apart.
  const queue = `calls-${randomBytes(6).toString('hex')}`;
  const sessionKeys = parseCallKeys(`s1:${randomBytes(32).toString('base64')}`);
  const pepper = new SecretValue('pepper');
  const noted: Noted = { approvalRequests: [], decisions: [], endedCalls: [] };
  const snapshots = new Set<Snapshot>();
  const startReplica: TestEdge['startReplica'] = async (limits, timeouts) => {
    const { snapshot, ...replica } = await createReplica({
      redisUrl,
      queue,
      keys,
      sessionKeys,
      verifier,
      pepper,
      limits,
      timeouts,
      noted,
    });
    snapshots.add(snapshot);
    const stop = () => {
      snapshots.delete(snapshot);
      return replica.stop();
    };
    resources.defer(stop);
    return { ...replica, stop };
  };
  const { url, parts, leases } = await startReplica(limits);

  const id = randomBytes(6).toString('hex');
  const manifest = manifestOf({
    serverId: `srv_${id}`,
    slug: `echo-${id}`,
    workspaceId: `ws_${id}`,
    title: 'Echo server',
    instructions: 'Call echo.',
    tools: [
      {
        ...echoTool,
        planDigest: 'd1',
        deadlineMs: 5000,
        isRepeatable: true,
      },
    ],
  });
  let revision = 1;
  const publishKey: TestEdge['publishKey'] = async (changes) => {
    const { key, keyId } = formatApiKey({
      keyId: randomBytes(apiKeyBytes.keyId),
      secret: randomBytes(apiKeyBytes.secret),
    });
    const record = keyRecordOf({
      keyId,
      workspaceId: manifest.workspaceId,
      hash: hashApiKey(pepper.reveal(), key),
      permissions: [...permissions],
      ...changes,
    });
    await publisher.publishApiKey(record);
    return { key, record };
  };

  const edge: TestEdge = {
    url,
    parts,
    leases,
    serverId: manifest.serverId,
    slug: manifest.slug,
    workspaceId: manifest.workspaceId,
    calls: [],
    ...noted,
    key: (await publishKey({})).key,
    handle: async (call) => succeeded((call.body as ToolCall).arguments),
    async publishServer(changes) {
      revision += 1;
      const published = { ...manifest, revision, ...changes };
      await publisher.publishManifest(published);
      // Snapshots may not have received the announcement yet.
      for (const snapshot of snapshots) await untilKnown(snapshot, published);
    },
    async publishCatalogue(toolkits) {
      revision += 1;
      const { workspaceId } = manifest;
      await publisher.publishCatalogue({ version: 1, kind: 'catalogue', workspaceId, revision, toolkits });
    },
    async publishIssuer(issuer, keys) {
      revision += 1;
      await publisher.publishIssuer({ version: 1, kind: 'issuer', revision, issuer, jwks: { keys } });
      for (const snapshot of snapshots) {
        while ((await snapshot.getIssuer())?.revision !== revision || snapshot.peekIssuer() === undefined)
          await delay(2);
      }
    },
    markLinkUsed: (hash) => publisher.markLinkUsed(hash, 900_000),
    publishKey,
    async publishUserRules(changes) {
      revision += 1;
      const { workspaceId } = manifest;
      const rules: Pick<UserRules, 'unknownUsers' | 'deactivated'> = {
        unknownUsers: 'create',
        deactivated: [],
        ...changes,
      };
      await publisher.publishUserRules({ version: 1, kind: 'users', workspaceId, revision, ...rules });
    },
    async publishUser(username, state) {
      revision += 1;
      const about = { workspaceId: manifest.workspaceId, userDigest: edge.digestOf(username), state };
      await publisher.publishExternalUser({ version: 1, kind: 'external-user', revision, ...about });
    },
    async publishApproval(decision) {
      revision += 1;
      const { workspaceId } = manifest;
      const validUntil = Date.now() + 60_000;
      const approval = { version: 1, kind: 'approval', workspaceId, revision, validUntil, ...decision } as const;
      await publisher.publishApproval(approval);
      for (const snapshot of snapshots) {
        while ((await snapshot.getApproval(workspaceId, decision.requestDigest))?.revision !== revision) await delay(2);
      }
    },
    digestOf: (username) => digestOfUser(manifest.workspaceId, username),
    startReplica,
    async post(body, { path = `/mcp/${manifest.serverId}`, key = edge.key, headers = {}, signal, raw = false } = {}) {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key === '' ? {} : { 'x-api-key': key }), ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: text === '' || raw ? undefined : JSON.parse(text),
      };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
  const worker = await createWorker({
    bus,
    queue,
    keys,
    handle(call) {
      edge.calls.push(call.body as ToolCall);
      return edge.handle(call);
    },
  });
  resources.defer(() => worker.close({ graceMs: 100 }));
  worker.run();
  await publisher.publishManifest(manifest);
  await edge.publishUserRules({});
  await publisher.markComplete();
  return edge;
}

async function untilKnown(snapshot: Snapshot, { serverId, revision }: Manifest): Promise<void> {
  while (((await snapshot.getManifest(serverId))?.revision ?? 0) < revision) await delay(2);
}

export const call = (callArguments: unknown, extra: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'echo', arguments: callArguments, ...extra },
});

/** The headers and `_meta` of a request of protocol 2026-07-28. */
export const modern = {
  meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  },
  headers: (method: string, name?: string) => ({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(name === undefined ? {} : { 'mcp-name': name }),
  }),
};
