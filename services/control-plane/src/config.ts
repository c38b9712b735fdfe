import { parseApiKey } from '@toolplane/contracts';
import { arePeppers, arePoolKeys, PEPPERS_RULE, POOL_KEYS_RULE } from '@toolplane/sealing';
import { commonSettings, readConfig, setting } from '@toolplane/service-kit';
import { z } from 'zod';
import { readSigningKeys, SIGNING_KEYS_RULE } from './authorization-server/signing-keys.ts';
import { ROLE_NAME } from './database/role.ts';

export const controlPlaneConfigSchema = z.object({
  ...commonSettings,
  PORT: setting.port(8080).describe('REST API'),
  HEALTH_PORT: setting.healthPort(9080),
  DATABASE_URL: setting
    .secret()
    .describe(
      'the role owns the database; one that bypasses row-level security is switched to `toolplane_service`, which the control plane makes',
    ),
  MIGRATE_AT_START: setting
    .flag(true)
    .describe(
      '`false` where `src/migrate.ts` migrates; then the role of `DATABASE_URL` need not own the database, and the start waits until it is migrated',
    ),
  DATABASE_PREPARED_STATEMENTS: setting
    .flag(true)
    .describe(
      'connections keep what they are asked often. `false` behind a pooler that gives each transaction another connection and does not know prepared statements (PgBouncer before 1.21, or with `max_prepared_statements = 0`)',
    ),
  COMMAND_KEYS: setting
    .secret()
    .describe('`kid:base64(32 bytes)`, comma-separated; the first seals. Shared with the data plane'),
  POOL_COMMAND_KEYS: setting
    .secret()
    .refine((keys) => arePoolKeys(keys.reveal()), POOL_KEYS_RULE)
    .optional()
    .describe(
      '`{"eu":"k1:…"}`: a JSON object that gives each [pool](../how-to/pools.md), by its name, command keys of its own. These are the pools that servers can be assigned to',
    ),
  MANIFEST_SIGNING_KEY: setting.secret().describe('private Ed25519 JWK with a `kid`, as JSON'),
  API_KEY_PEPPER: setting
    .secret()
    .refine((peppers) => arePeppers(peppers.reveal()), PEPPERS_RULE)
    .describe(
      'shared with the edge. Several, comma-separated: the first hashes, keys made with any are known; see [rotate keys](../how-to/rotate-keys.md)',
    ),
  OAUTH_SIGNING_KEYS: setting
    .secret()
    .refine((keys) => readSigningKeys(keys.reveal()) !== undefined, SIGNING_KEYS_RULE)
    .optional()
    .describe(
      'JWKS of private P-256 keys, as JSON, each with a `kid`: the first signs the tokens of the [authorization server](../how-to/oauth.md); without it there is none',
    ),
  EDGE_PUBLIC_URL: setting.baseUrl().describe('base URL of the MCP endpoints'),
  CONTROL_PLANE_PUBLIC_URL: setting.baseUrl().optional().meta({
    absent: '`http://127.0.0.1:<PORT>`',
    description:
      'base URL of the REST API as browsers reach it: `<this>/api/v1/oauth/callback` is the redirect URI to register with OAuth providers, `<this>/connect/…` the page on which [people connect](connections.md), `<this>/sign-in` the one on which they [sign in](../how-to/people.md), `<this>/oauth` the [authorization server](../how-to/oauth.md). By https, so that cookies are safe; by a name, so that passkeys work',
  }),
  AUDIT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .default(400)
    .describe('how long entries of the [audit log](rest-api.md#audit-log) are kept; 0: for ever'),
  CALL_LOG_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(3650)
    .default(30)
    .describe('how many whole days (UTC) calls are kept in the [call log](rest-api.md#call-log); 0: for ever'),
  CLI_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'file of the [command line tool](../how-to/cli.md) as it was built, which the images bring; without it there is none to fetch',
    ),
  CONSOLE_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'folder of the [web console](../how-to/console.md) as it was built, which the images bring; without it there is none',
    ),
  JAEGER_URL: setting
    .baseUrl()
    .optional()
    .describe(
      'base URL of the Jaeger that has the traces, as people reach it: rows of the [call log](rest-api.md#call-log) get a `traceUrl`',
    ),
  EXTERNAL_REFRESH_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe(
      'how often an [external MCP server](rest-api.md#external-mcp-servers) that answers is asked what it declares',
    ),
  TRUSTED_PROXIES: setting
    .networks()
    .describe(
      'networks of proxies, comma-separated (`10.0.0.0/8`): a request from there is of the last address in its `X-Forwarded-For` that is in none of them. For [keys that are good from some addresses](../how-to/api-keys-and-agents.md), and for what is counted by address',
    ),
  CONNECT_REQUESTS_PER_MINUTE: setting
    .positive(120)
    .describe(
      "requests that one address may make to the page on which people connect, at this process; more get 429. Behind a proxy that is not among `TRUSTED_PROXIES` the address is the proxy's",
    ),
  BOOTSTRAP_API_KEY: setting
    .secret()
    .refine((key) => parseApiKey(key.reveal()) !== undefined, 'is not an API key (tp_live_…)')
    .optional()
    .describe('a key with every permission in the workspace `default`, made at the start when it is missing'),
});

/** Of the program that migrates and ends. */
export const migrationConfigSchema = z.object({
  LOG_LEVEL: commonSettings.LOG_LEVEL,
  DATABASE_URL: setting.secret().describe('the role owns the database'),
  DATABASE_SERVICE_ROLE: z
    .string()
    .regex(ROLE_NAME, 'is not a name of lower-case letters, digits and _')
    .optional()
    .describe(
      'role of the `DATABASE_URL` of the control plane, which gets the rights that it needs; none: it is the owner',
    ),
});

export type ControlPlaneConfig = z.infer<typeof controlPlaneConfigSchema>;

export function readControlPlaneConfig(environment?: Record<string, string | undefined>): ControlPlaneConfig {
  return readConfig(controlPlaneConfigSchema, environment);
}

export function readMigrationConfig(
  environment?: Record<string, string | undefined>,
): z.infer<typeof migrationConfigSchema> {
  return readConfig(migrationConfigSchema, environment);
}
