import { planLimits, secretHostSchema } from '@toolplane/contracts';
import { readConfig, setting } from '@toolplane/service-kit';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isProxyUrl } from './egress/proxy-tunnel.ts';
import { isDnsServer } from './egress/resolve-by-servers.ts';
import { type StoreSettings, storeSettingsSchema } from './secrets/store-settings.ts';

const RESPONSE_BYTES_LIMIT = 20 * 1024 * 1024;

const commonSchema = z.object({
  HOST: z.string().default('127.0.0.1'),
  HEALTH_PORT: setting.port(9082),
  REDIS_URL: setting.redisUrl(),
  /** `kid:base64(32 bytes)`, comma-separated; the first seals. Shared with the edge. */
  CALL_KEYS: setting.secret(),
  /** The same, shared with the control plane. */
  COMMAND_KEYS: setting.secret(),
  /** Public JWKS of the control plane's signing keys. */
  MANIFEST_VERIFY_KEYS: z.string('is required'),
  CONCURRENCY: setting.positive(50),
  /** From SIGTERM to the kill; running calls are stopped 5 s before. */
  SHUTDOWN_GRACE_MS: z.coerce.number().int().min(6000).default(75_000),

  /** Ranges inside that tools may reach, e.g. `10.20.0.0/16`. Every other address that is not public is refused. */
  EGRESS_ALLOW_CIDRS: listOf(isRange, 'ranges like 10.0.0.0/8'),
  /** Never these, though they be public or an exception. */
  EGRESS_DENY_CIDRS: listOf(isRange, 'ranges like 10.0.0.0/8'),
  /** Only these hosts, for all workspaces; none: all. */
  EGRESS_ALLOW_HOSTS: listOf(isHost, 'host, host:port or *.host, in lower case'),
  /** Never these; goes before. */
  EGRESS_DENY_HOSTS: listOf(isHost, 'host, host:port or *.host, in lower case'),
  EGRESS_ALLOW_HTTP: setting.flag(false),
  /** Ports that tools may reach, or `any`. */
  EGRESS_PORTS: setting.list().transform(toPorts),
  /** In place of the system's resolver. */
  EGRESS_DNS_SERVERS: listOf(isDnsServer, 'addresses, with or without a port'),
  /** Makes all connections to upstreams. May hold a user and a password. */
  EGRESS_PROXY_URL: setting
    .secret()
    .refine((url) => isProxyUrl(url.reveal()), 'is not of the form http://user:password@host:port')
    .optional(),
  /** The proxy alone looks names up: for networks whose resolver knows none outside. */
  EGRESS_PROXY_RESOLVES: setting.flag(false),
  RESPONSE_BYTES_MAX: setting.positive(planLimits.responseBytesMax).pipe(z.number().max(RESPONSE_BYTES_LIMIT)),

  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

const configSchema = z.intersection(
  commonSchema.refine((config) => config.EGRESS_PROXY_URL !== undefined || !config.EGRESS_PROXY_RESOLVES, {
    path: ['EGRESS_PROXY_URL'],
    message: 'is required by EGRESS_PROXY_RESOLVES',
  }),
  storeSettingsSchema,
);

export type DataPlaneConfig = z.infer<typeof configSchema>;

export function readDataPlaneConfig(environment?: Record<string, string | undefined>): DataPlaneConfig {
  return readConfig(configSchema, environment);
}

/** All that a program needs which works on the secret store alone. */
export function readStoreSettings(environment?: Record<string, string | undefined>): StoreSettings {
  return readConfig(storeSettingsSchema, environment);
}

function listOf(isEntry: (text: string) => boolean, expected: string) {
  return setting.list().refine((entries) => entries.every(isEntry), `is not a list of ${expected}`);
}

function isHost(text: string): boolean {
  return secretHostSchema.safeParse(text).success;
}

function isRange(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}

/** Undefined means the usual ports of what tools may speak. */
function toPorts(entries: string[], { addIssue }: z.RefinementCtx): ReadonlySet<number> | 'any' | undefined {
  if (entries.length === 0) return undefined;
  if (entries.join() === 'any') return 'any';
  const ports = entries.map(Number);
  if (ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536)) return new Set(ports);
  addIssue({ code: 'custom', message: 'is neither `any` nor a list of ports' });
  return z.NEVER;
}
