import { planLimits } from '@toolplane/contracts';
import { readConfig, type SecretValue, setting } from '@toolplane/service-kit';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const RESPONSE_BYTES_LIMIT = 20 * 1024 * 1024;

const commonSchema = z.object({
  HOST: z.string().default('127.0.0.1'),
  HEALTH_PORT: setting.port(9082),
  REDIS_URL: setting.secret(),
  /** `kid:base64(32 bytes)`, comma-separated; the first seals. Shared with the edge. */
  CALL_KEYS: setting.secret(),
  /** The same, shared with the control plane. */
  COMMAND_KEYS: setting.secret(),
  /** Public JWKS of the control plane's signing keys. */
  MANIFEST_VERIFY_KEYS: z.string().min(1),
  CONCURRENCY: setting.positive(50),
  /** From SIGTERM to the kill; running calls are stopped 5 s before. */
  SHUTDOWN_GRACE_MS: z.coerce.number().int().min(6000).default(75_000),

  /** Ranges inside that tools may reach, e.g. `10.20.0.0/16`. Every other address that is not public is refused. */
  EGRESS_ALLOW_CIDRS: setting
    .list()
    .refine((ranges) => ranges.every(isRange), 'is not a list of ranges like 10.0.0.0/8'),
  EGRESS_ALLOW_HTTP: setting.flag(false),
  /** Ports that tools may reach, or `any`. */
  EGRESS_PORTS: setting.list().transform(toPorts),
  RESPONSE_BYTES_MAX: setting.positive(planLimits.responseBytesMax).pipe(z.number().max(RESPONSE_BYTES_LIMIT)),

  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

const storeSchema = z.discriminatedUnion('SECRETS_STORE', [
  z.object({
    SECRETS_STORE: z.literal('file'),
    SECRETS_DIR: z.string('is required by the file store'),
    /** Base64 of the 32 bytes that seal the files. */
    SECRETS_KEY: setting.secret().refine(isKey, 'is not base64 of 32 bytes'),
  }),
  z.object({
    SECRETS_STORE: z.literal('aws'),
    /** Names begin with `toolplane/<environment>/`. Region and credentials are found by the SDK. */
    ENVIRONMENT: z.string('is required by the store of AWS').regex(/^[\w-]{1,64}$/, 'is not letters, digits, _ and -'),
  }),
]);

const configSchema = z.intersection(commonSchema, storeSchema);

export type DataPlaneConfig = z.infer<typeof configSchema>;

export function readDataPlaneConfig(environment?: Record<string, string | undefined>): DataPlaneConfig {
  return readConfig(configSchema, environment);
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

function isKey(key: SecretValue): boolean {
  return Buffer.from(key.reveal(), 'base64').length === 32;
}
