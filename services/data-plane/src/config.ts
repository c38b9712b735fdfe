import { planLimits, poolNameSchema, secretHostSchema } from '@toolplane/contracts';
import { commonSettings, readConfig, setting } from '@toolplane/service-kit';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { REQUESTS_PER_ORIGIN_LIMIT, REQUESTS_PER_ORIGIN_MAX } from './egress/origin-limits.ts';
import { isProxyUrl } from './egress/proxy-tunnel.ts';
import { isDnsServer } from './egress/resolve-by-servers.ts';
import { type StoreSettings, storeSettingsSchema } from './secrets/store-settings.ts';

const RESPONSE_BYTES_LIMIT = 20 * 1024 * 1024;
const HOSTS_RULE = 'host, host:port or *.host, in lowercase';

export const dataPlaneConfigSchema = z.object({
  ...commonSettings,
  HEALTH_PORT: setting.healthPort(9082),
  POOL: poolNameSchema.optional().meta({
    absent: 'the default pool',
    description: 'the [pool](../how-to/pools.md) that the data plane belongs to: a letter, then up to 30 of `a-z0-9-`',
  }),
  CALL_KEYS: setting
    .secret()
    .describe(
      '`kid:base64(32 bytes)`, comma-separated; the first seals. Shared with the edge; in a pool, these are the keys of that pool',
    ),
  COMMAND_KEYS: setting.secret().describe('in the same format, shared with the control plane'),
  MANIFEST_VERIFY_KEYS: z.string('is required').describe("public JWK set of the control plane's signing keys, as JSON"),
  CONCURRENCY: setting
    .positive(50)
    .describe(
      'calls that a process runs at once; it takes more while it has room for eight (or for a quarter of them). Half as many are kept in addition for organizations that have less than their [share](tool-calls.md#shares-of-organizations). Calls that wait before a retry come on top: up to four times as many of one organization, and six times in total',
    ),
  SHUTDOWN_GRACE_MS: z.coerce
    .number()
    .int()
    .min(6000)
    .default(75_000)
    .describe('time from SIGTERM to the kill; running calls are stopped 5 s before the kill'),
  RESPONSE_BYTES_MAX: setting
    .positive(planLimits.responseBytesMax)
    .pipe(z.number().max(RESPONSE_BYTES_LIMIT))
    .describe('limit of an upstream answer after decompression, at most 20 MiB'),
  SEALS_WITHOUT_AUDIENCE_UNTIL: z.iso
    .datetime({ offset: true, error: 'is not a time such as 2027-01-31T00:00:00Z' })
    .transform((text) => new Date(text))
    .optional()
    .meta({
      absent: 'not at all',
      description:
        'until this time (`2027-01-31T00:00:00Z`), values are accepted that were sealed by tools of an earlier release, which did not [say what a value is for](rest-api.md#sealing-a-secret): whoever has captured such a value can store it as a secret of their own',
    }),

  EGRESS_ALLOW_CIDRS: listOf(isRange, 'ranges like 10.0.0.0/8').describe(
    'internal ranges that tools may reach (`10.20.0.0/16`); every other address that is not public is refused. See [egress](../how-to/egress.md)',
  ),
  EGRESS_DENY_CIDRS: listOf(isRange, 'ranges like 10.0.0.0/8').describe(
    'ranges that tools never reach, public or not; takes precedence over `EGRESS_ALLOW_CIDRS`',
  ),
  EGRESS_ALLOW_HOSTS: listOf(isHost, HOSTS_RULE).meta({
    absent: 'all',
    description:
      'the only hosts to which tools of any workspace may send requests: `host`, `host:port` or `*.host`, in lowercase, comma-separated',
  }),
  EGRESS_DENY_HOSTS: listOf(isHost, HOSTS_RULE).describe(
    'hosts to which tools never send requests; takes precedence over `EGRESS_ALLOW_HOSTS` and over what a workspace allows',
  ),
  EGRESS_ALLOW_HTTP: setting.flag(false).describe('allows http in addition to https'),
  EGRESS_PORTS: setting.list().transform(toPorts).meta({
    absent: '443, 8443, 8080, and 80 with http',
    description: 'ports that tools may reach, or `any`',
  }),
  EGRESS_REQUESTS_PER_ORIGIN: setting
    .positive(REQUESTS_PER_ORIGIN_MAX)
    .pipe(z.number().max(REQUESTS_PER_ORIGIN_LIMIT))
    .describe(
      `requests of one workspace to one origin (scheme, host and port) that a process has in progress at once, at most ${REQUESTS_PER_ORIGIN_LIMIT}; five times as many [wait](../how-to/egress.md#slow-and-broken-upstreams)`,
    ),
  EGRESS_DNS_SERVERS: listOf(isDnsServer, 'addresses, with or without a port').meta({
    absent: "the system's resolver",
    description:
      '`address` or `address:port`, comma-separated: the DNS servers for the names of upstreams. The hosts file and search domains are then not used',
  }),
  EGRESS_PROXY_URL: setting
    .secret()
    .refine((url) => isProxyUrl(url.reveal()), 'is not of the form http://user:password@host:port')
    .optional()
    .describe('`http://user:password@host:port` of a proxy that makes all connections to upstreams'),
  EGRESS_PROXY_RESOLVES: setting
    .flag(false)
    .describe(
      'only the proxy looks names up, for networks whose resolver knows no external names; requires `EGRESS_PROXY_URL`',
    ),
});

const configSchema = z.intersection(
  dataPlaneConfigSchema.refine((config) => config.EGRESS_PROXY_URL !== undefined || !config.EGRESS_PROXY_RESOLVES, {
    path: ['EGRESS_PROXY_URL'],
    message: 'is required by EGRESS_PROXY_RESOLVES',
  }),
  storeSettingsSchema,
);

export type DataPlaneConfig = z.infer<typeof configSchema>;

export function readDataPlaneConfig(environment?: Record<string, string | undefined>): DataPlaneConfig {
  return readConfig(configSchema, environment);
}

/** Reads only the settings of the secret store, for programs that need nothing else. */
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

/** Returns undefined for the usual ports of the protocols that tools may use. */
function toPorts(entries: string[], { addIssue }: z.RefinementCtx): ReadonlySet<number> | 'any' | undefined {
  if (entries.length === 0) return undefined;
  if (entries.join() === 'any') return 'any';
  const ports = entries.map(Number);
  if (ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536)) return new Set(ports);
  addIssue({ code: 'custom', message: 'is neither `any` nor a list of ports' });
  return z.NEVER;
}
