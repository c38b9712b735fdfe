import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type CallRequest, connectBus, createCaller, createPublisher } from '@toolplane/bus';
import {
  type CallEvent,
  type Json,
  type JsonObject,
  type Outcome,
  type Plan,
  type SealingKey,
  sealingKeySchema,
} from '@toolplane/contracts';
import { getFreePort } from '@toolplane/loopback/ports';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { createSigner, digestOf, generateSigningKeys, parseCallKeys } from '@toolplane/sealing';
import { newFolder } from './new-folder.ts';

type CallOptions = {
  signal?: AbortSignal;
  body?: JsonObject;
  reported?: CallEvent[];
  onReport?: CallRequest['onReport'];
};

/** Data planes as they are deployed: processes that share Redis and a secret store. */
export type DataPlanes = AsyncDisposable & {
  /** The settings of every process. */
  readonly settings: Readonly<Record<string, string>>;
  /** The output of the processes; a test may clear it. */
  logs: string;
  /** Resolves when the process is ready or has ended. */
  start(changes?: Record<string, string>, nodeFlags?: string[]): Promise<ChildProcess>;
  stop(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | null>;
  stopAll(): Promise<void>;
  /** Publishes a plan and returns its digest. */
  publish(plan: Plan): Promise<string>;
  /** Signs a document like the control plane. */
  sign(document: Json): Promise<string>;
  /** Calls a tool like an edge. */
  call(planDigest: string, options?: CallOptions): Promise<Outcome>;
  /** Sends a command like the control plane. */
  command(body: Json, tenant?: string): Promise<Outcome>;
  getSealingKey(): Promise<SealingKey>;
};

export async function openDataPlanes(): Promise<DataPlanes> {
  const redis = await startTestRedis();
  const signingKeys = await generateSigningKeys();
  const [callKeys, commandKeys] = [keysText(), keysText()];
  const settings: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
    REDIS_URL: redis.url,
    CALL_KEYS: callKeys,
    COMMAND_KEYS: commandKeys,
    MANIFEST_VERIFY_KEYS: signingKeys.publicJwks,
    SECRETS_STORE: 'file',
    SECRETS_DIR: await newFolder(),
    SECRETS_KEYS: randomBytes(32).toString('base64'),
    EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
    EGRESS_ALLOW_HTTP: 'true',
    EGRESS_PORTS: 'any',
  };
  const signer = await createSigner(signingKeys.privateJwk);
  const bus = connectBus({ redisUrl: redis.url });
  const publisher = await createPublisher({ bus, signer });
  await publisher.publishEgressRules({ version: 1, kind: 'egress', workspaceId: 'ws', revision: 1, denyHosts: [] });
  await publisher.markComplete();
  const calls = await createCaller({ bus, queue: 'calls', keys: parseCallKeys(callKeys) });
  const commands = await createCaller({ bus, queue: 'commands', keys: parseCallKeys(commandKeys) });
  const children = new Set<ChildProcess>();

  const planes: DataPlanes = {
    settings,
    logs: '',
    async start(changes = {}, nodeFlags = []) {
      const port = await getFreePort();
      const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
      const child = spawn(process.execPath, ['--conditions=toolplane-source', ...nodeFlags, main], {
        env: { ...settings, HEALTH_PORT: String(port), ...changes },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const closed = once(child, 'close');
      children.add(child);
      child.on('exit', () => children.delete(child));
      child.stderr?.on('data', (chunk) => {
        planes.logs += chunk;
      });
      const isReady = () =>
        fetch(`http://127.0.0.1:${port}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        );
      while (!hasEnded(child) && !(await isReady())) await delay(20);
      // The last output of the process must have arrived.
      if (hasEnded(child)) await closed;
      return child;
    },
    async stop(child, signal = 'SIGKILL') {
      if (hasEnded(child)) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      return (await ended)[0] as number | null;
    },
    async stopAll() {
      await Promise.all([...children].map((child) => planes.stop(child)));
    },
    async publish(plan) {
      const digest = digestOf(plan as Json);
      await publisher.publishPlans([{ digest, plan }]);
      return digest;
    },
    sign: (document) => signer.sign(document),
    call(planDigest, { signal, body, reported, onReport } = {}) {
      const ids = { workspaceId: 'ws', serverId: 'srv', tool: 'tool' };
      return calls.call({
        tenant: 'ws',
        body: { version: 1, ...ids, planDigest, arguments: {}, caller: { config: {} }, ...body },
        deadline: Date.now() + 20_000,
        onEvent: (event) => reported?.push(event),
        ...(onReport === undefined ? {} : { onReport }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    command: (body, tenant = 'ws') => commands.call({ tenant, body, deadline: Date.now() + 10_000 }),
    async getSealingKey() {
      const key = await planes.command({ command: 'get_sealing_key' }, 'platform');
      if (!key.ok || key.outcome !== 'done') throw new Error('no sealing key');
      return sealingKeySchema.parse(key.value);
    },
    async [Symbol.asyncDispose]() {
      await planes.stopAll();
      await bus[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
  return planes;
}

const keysText = () => `k1:${randomBytes(32).toString('base64')}`;

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
