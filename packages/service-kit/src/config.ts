import { z } from 'zod';
import { readHost } from './host-check.ts';
import { NETWORK_RULE, parseNetwork } from './networks.ts';
import { SecretValue } from './secret-value.ts';
import { telemetrySettings } from './telemetry/settings.ts';

/** Reads the environment once. One error lists all problems, without the values that were found. */
export function readConfig<Schema extends z.ZodType>(
  schema: Schema,
  environment: Record<string, string | undefined> = process.env,
): z.infer<Schema> {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`Configuration is not valid:\n${problems.join('\n')}`);
}

export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/** Building blocks for the schemas of the services' `config.ts`. */
export const setting = {
  secret: () =>
    z
      .string('is required')
      .min(1)
      .transform((value) => new SecretValue(value)),
  redisUrl: () =>
    setting.secret().refine((url) => /^rediss?:\/\/./.test(url.reveal()), 'must be a redis:// or rediss:// URL'),
  port: (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback),
  healthPort: (fallback: number) =>
    setting
      .port(fallback)
      .describe(
        '`/livez`, `/readyz` with the reasons against readiness, `/status` with [what runs](../how-to/redis.md#the-fleet), [`/metrics`](metrics.md): for probes, operators and Prometheus, never for the public',
      ),
  /** A URL without a trailing slash. */
  baseUrl: () => z.url().transform((url) => url.replace(/\/+$/, '')),
  milliseconds: (fallback: number) => z.coerce.number().int().min(0).default(fallback),
  positive: (fallback: number) => z.coerce.number().int().min(1).default(fallback),
  flag: (fallback: boolean) =>
    z
      .enum(['true', 'false'])
      .default(fallback ? 'true' : 'false')
      .transform((value) => value === 'true'),
  /** Comma-separated; spaces around the entries are ignored. */
  list: () =>
    z
      .string()
      .default('')
      .transform((value) =>
        value
          .split(',')
          .map((entry) => entry.trim())
          .filter((entry) => entry !== ''),
      ),
  /** Comma-separated networks. */
  networks: () =>
    setting
      .list()
      .refine(
        (list) => list.every((entry) => parseNetwork(entry) !== undefined),
        `has an invalid entry: each one ${NETWORK_RULE}`,
      ),
  /** Comma-separated; upper case and ports are ignored. */
  hosts: () =>
    setting
      .list()
      .refine(
        (list) => list.every((entry) => readHost(entry) !== undefined),
        'has an invalid entry: each one is a host name, without a scheme and a path',
      )
      .transform((list) => list.map((entry) => readHost(entry) ?? entry)),
};

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The settings of all services. The descriptions of settings become the rows of docs/reference/settings.md. */
export const commonSettings = {
  HOST: z.string().default('127.0.0.1').describe('address to listen on, also for the health port'),
  REDIS_URL: setting
    .redisUrl()
    .describe(
      '`redis://` or `rediss://`, with the [user of the service](../how-to/redis.md) and its password. `maxmemory-policy noeviction`. With persistence (AOF) tasks, idempotency keys, ended sessions and used request states survive a restart of Redis. Without it they are lost, but calls are not: those in progress end as `unknown`',
    ),
  LOG_LEVEL: z.enum(logLevels).default('info').describe('`trace` … `fatal`, `silent`; JSON lines on stderr'),
  ...telemetrySettings,
  TOOLPLANE_REVISION: z
    .string()
    .max(100)
    .optional()
    .describe('revision of the sources that the image was built from; shown by `/status`'),
};
