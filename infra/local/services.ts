import { join } from 'node:path';
import type { ChildSettings } from './child.ts';
import type { Home } from './home.ts';
import type { RedisUrls } from './redis.ts';

export const projectFolder = join(import.meta.dirname, '..', '..');

/** The flags with which Node runs the project's programs from source. */
export const SOURCE_FLAGS = ['--conditions=toolplane-source', '--disable-warning=ExperimentalWarning'] as const;

/** The ranges that tools may reach in local mode: the sample API, and APIs that people develop, run on this machine. */
export const egressAllowCidrs = ['127.0.0.0/8', '::1/128'];

export type ServiceSettings = ChildSettings & { healthPort?: number };

/**
 * Most objects of a call are garbage almost at once. With a larger young generation, V8 copies fewer of them before it
 * collects them, which saves the edge and the data plane a tenth of their CPU. The size is in MiB; it takes up to three
 * times as much memory.
 */
const hotPathFlags = ['--max-semi-space-size=64'];

/** The files that the control plane serves: the command line tool and the web console. */
export type Built = { cliFile: string; consoleFolder: string };

/**
 * The settings of each process: only those that it needs, as in production. Files that are not `built` are not served.
 */
export function describeServices(
  home: Home,
  databaseUrl: string,
  redisUrls: RedisUrls,
  built?: Built,
): ServiceSettings[] {
  const { keys, ports } = home;
  const publicUrl = `http://127.0.0.1:${ports.mcp}`;
  const addressed = (service: keyof RedisUrls) => ({ HOST: '127.0.0.1', REDIS_URL: redisUrls[service] });
  return [
    nodeProcess(home, 'sample', 'infra/local/sample/main.ts', [], {
      PORT: ports.sample,
      HEALTH_PORT: ports.sample,
      NIGHTLINE_KEY: keys.sampleKey,
    }),
    nodeProcess(home, 'data-plane', 'services/data-plane/src/main.ts', hotPathFlags, {
      ...addressed('data-plane'),
      HEALTH_PORT: ports['data-plane health'],
      CALL_KEYS: keys.callKeys,
      COMMAND_KEYS: keys.commandKeys,
      MANIFEST_VERIFY_KEYS: keys.verifyKeys,
      SECRETS_STORE: 'file',
      SECRETS_DIR: join(home.folder, 'secrets'),
      SECRETS_KEYS: keys.secretsKey,
      ...egressSettings(process.env),
      SHUTDOWN_GRACE_MS: 6_000,
    }),
    nodeProcess(home, 'control-plane', 'services/control-plane/src/main.ts', [], {
      ...addressed('control-plane'),
      PORT: ports.api,
      HEALTH_PORT: ports['control-plane health'],
      DATABASE_URL: databaseUrl,
      COMMAND_KEYS: keys.commandKeys,
      MANIFEST_SIGNING_KEY: keys.signingKey,
      OAUTH_SIGNING_KEYS: keys.issuerKeys,
      API_KEY_PEPPER: keys.apiKeyPepper,
      EDGE_PUBLIC_URL: publicUrl,
      BOOTSTRAP_API_KEY: keys.apiKey,
      INTERNAL_API_KEY: keys.internalKey,
      ...(built === undefined ? {} : { CLI_FILE: built.cliFile, CONSOLE_DIR: built.consoleFolder }),
    }),
    nodeProcess(home, 'edge', 'services/edge/src/main.ts', hotPathFlags, {
      ...addressed('edge'),
      PORT: ports.mcp,
      HEALTH_PORT: ports['edge health'],
      CALL_KEYS: keys.callKeys,
      SESSION_KEYS: keys.sessionKeys,
      MANIFEST_VERIFY_KEYS: keys.verifyKeys,
      API_KEY_PEPPER: keys.apiKeyPepper,
      EDGE_PUBLIC_URL: publicUrl,
      CONTROL_PLANE_PUBLIC_URL: `http://127.0.0.1:${ports.api}`,
      // Local mode has no load balancer that would have to notice the shutdown.
      DRAIN_DELAY_MS: 0,
      // A person who has pressed Ctrl-C is waiting.
      DRAIN_MS: 4000,
    }),
  ];
}

/**
 * The egress settings of the data plane: those of the caller's environment, and what local mode adds. The ranges of the
 * caller are reachable in addition to this machine.
 */
export function egressSettings(environment: NodeJS.ProcessEnv): Record<string, Setting> {
  const given = Object.entries(environment).filter(([name, value]) => name.startsWith('EGRESS_') && value);
  const ranges = [
    ...egressAllowCidrs,
    ...(environment['EGRESS_ALLOW_CIDRS'] ? [environment['EGRESS_ALLOW_CIDRS']] : []),
  ];
  return {
    EGRESS_ALLOW_HTTP: true,
    EGRESS_PORTS: 'any',
    ...Object.fromEntries(given as [string, string][]),
    EGRESS_ALLOW_CIDRS: ranges.join(','),
  };
}

type Setting = string | number | boolean;

function nodeProcess(
  home: Home,
  name: string,
  script: string,
  flags: readonly string[],
  settings: Record<string, Setting>,
): ServiceSettings {
  const { HEALTH_PORT } = settings;
  return {
    name,
    command: process.execPath,
    args: [...SOURCE_FLAGS, ...flags, join(projectFolder, script)],
    env: {
      ...inheritedSettings(),
      // Types are stripped and code is compiled at the first start only, which makes later starts about twice as fast.
      NODE_COMPILE_CACHE: join(projectFolder, '.cache', 'compiled'),
      ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
    },
    logFile: join(home.folder, 'logs', `${name}.log`),
    ...(typeof HEALTH_PORT === 'number' ? { healthPort: HEALTH_PORT } : {}),
  };
}

/**
 * Only these settings of the caller's environment are inherited: others may hold credentials that no service should
 * see.
 */
function inheritedSettings(): Record<string, string> {
  const names = /^(PATH|HOME|TMPDIR|LANG|TZ|LOG_LEVEL|OTEL_.*|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (names.test(name) && value ? [[name, value]] : [])),
  );
}
