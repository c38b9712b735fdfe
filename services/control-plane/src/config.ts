import { parseApiKey } from '@toolplane/contracts';
import { arePeppers, arePoolKeys, PEPPERS_RULE, POOL_KEYS_RULE } from '@toolplane/sealing';
import { commonSettings, readConfig, setting } from '@toolplane/service-kit';
import { z } from 'zod';
import { readSigningKeys, SIGNING_KEYS_RULE } from './oauth/signing-keys.ts';
import { ROLE_NAME } from './platform/database/role.ts';

export const controlPlaneConfigSchema = z.object({
  ...commonSettings,
  PORT: setting.port(8080).describe('REST API'),
  HEALTH_PORT: setting.healthPort(9080),
  DATABASE_URL: setting
    .secret()
    .describe(
      'its role must own the database; a role that bypasses row-level security is switched to `toolplane_service`, which the control plane creates',
    ),
  MIGRATE_AT_START: setting
    .flag(true)
    .describe(
      'set it to `false` where `src/migrate.ts` runs the migrations; then the role of `DATABASE_URL` need not own the database, and the start waits until the database is migrated',
    ),
  DATABASE_PREPARED_STATEMENTS: setting
    .flag(true)
    .describe(
      'connections use prepared statements for frequent queries. Set it to `false` behind a pooler that gives each transaction another connection and does not support prepared statements (PgBouncer before 1.21, or with `max_prepared_statements = 0`)',
    ),
  COMMAND_KEYS: setting
    .secret()
    .describe('`kid:base64(32 bytes)`, comma-separated; the first key seals. Shared with the data plane'),
  POOL_COMMAND_KEYS: setting
    .secret()
    .refine((keys) => arePoolKeys(keys.reveal()), POOL_KEYS_RULE)
    .optional()
    .describe(
      '`{"eu":"k1:…"}`: a JSON object that maps the name of each [pool](../how-to/pools.md) to the command keys of that pool. Servers can be assigned to these pools',
    ),
  MANIFEST_SIGNING_KEY: setting.secret().describe('private Ed25519 JWK with a `kid`, as JSON'),
  API_KEY_PEPPER: setting
    .secret()
    .refine((peppers) => arePeppers(peppers.reveal()), PEPPERS_RULE)
    .describe(
      'shared with the edge. Several values are comma-separated: the first one hashes new keys, and keys hashed with any of them are accepted; see [rotate keys](../how-to/rotate-keys.md)',
    ),
  OAUTH_SIGNING_KEYS: setting
    .secret()
    .refine((keys) => readSigningKeys(keys.reveal()) !== undefined, SIGNING_KEYS_RULE)
    .optional()
    .describe(
      'JWKS of private P-256 keys, as JSON, each with a `kid`: the first key signs the tokens of the [authorization server](../how-to/oauth.md); without this setting, there is no authorization server',
    ),
  EDGE_PUBLIC_URL: setting.baseUrl().describe('base URL of the MCP endpoints'),
  CONTROL_PLANE_PUBLIC_URL: setting.baseUrl().optional().meta({
    absent: '`http://127.0.0.1:<PORT>`',
    description:
      'base URL of the REST API as browsers reach it: `<this>/api/v1/oauth/callback` is the redirect URI to register with OAuth providers, `<this>/connect/…` the page on which [people connect](connections.md), `<this>/sign-in` the one on which they [sign in](../how-to/people.md), `<this>/oauth` the [authorization server](../how-to/oauth.md). Use https, so that cookies are safe, and a host name, so that passkeys work',
  }),
  ALLOWED_HOSTS: setting
    .hosts()
    .describe(
      'host names that are served in addition to that of `CONTROL_PLANE_PUBLIC_URL`, comma-separated: of callers in the cluster, or `localhost` for a port that is forwarded. A request with another `Host` gets 421. People sign in only at the public URL',
    ),
  AUDIT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .default(400)
    .describe('how long entries of the [audit log](rest-api.md#audit-log) are kept; 0: forever'),
  CALL_LOG_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(3650)
    .default(30)
    .describe('how many whole days (UTC) calls are kept in the [call log](rest-api.md#call-log); 0: forever'),
  WORKSPACES_PER_ORGANIZATION_MAX: setting
    .positive(100)
    .describe(
      'workspaces that an organization may have; beyond it, as for the next three, the answer is `quota_exceeded`',
    ),
  SERVERS_PER_ORGANIZATION_MAX: setting
    .positive(5000)
    .describe('servers of all its workspaces, including those of connector instances and archived ones'),
  API_KEYS_PER_ORGANIZATION_MAX: setting
    .positive(5000)
    .describe(
      'API keys of all its workspaces that are neither revoked nor expired. Rotating a key without overlap (`overlapSeconds: 0`) is always possible',
    ),
  EXTERNAL_USERS_PER_ORGANIZATION_MAX: setting
    .positive(1_000_000)
    .describe(
      'external users of all its workspaces: those with credentials or an approval, and those that somebody has created or deactivated. Names that only calls have used do not count, except those stored before this limit existed: they count until they are deleted',
    ),
  CLI_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'file of the built [command line tool](../how-to/cli.md), which the images include; without this setting, the tool cannot be downloaded',
    ),
  CONSOLE_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'folder of the built [web console](../how-to/console.md), which the images include; without this setting, there is no web console',
    ),
  JAEGER_URL: setting
    .baseUrl()
    .optional()
    .describe(
      'base URL at which people reach the Jaeger with the traces: rows of the [call log](rest-api.md#call-log) get a `traceUrl`',
    ),
  EXTERNAL_REFRESH_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe(
      'how often a responding [external MCP server](rest-api.md#external-mcp-servers) is asked what it declares',
    ),
  TRUSTED_PROXIES: setting
    .networks()
    .describe(
      'networks of proxies, comma-separated (`10.0.0.0/8`): for a request from one of them, the client address is the last address in `X-Forwarded-For` that is in none of them. It is used for [keys restricted to addresses](../how-to/api-keys-and-agents.md) and for everything that is counted by address',
    ),
  CONNECT_REQUESTS_PER_MINUTE: setting
    .positive(120)
    .describe(
      'requests per address that this process accepts for the page on which people connect; further ones get 429. Behind a proxy that is not in `TRUSTED_PROXIES`, the address is that of the proxy',
    ),
  BOOTSTRAP_API_KEY: setting
    .secret()
    .refine((key) => parseApiKey(key.reveal()) !== undefined, 'is not an API key (tp_live_…)')
    .optional()
    .describe('a key with every permission in the workspace `default`, created at the start if it is missing'),
  INTERNAL_API_KEY: setting
    .secret()
    .refine((key) => parseApiKey(key.reveal()) !== undefined, 'is not an API key (tp_live_…)')
    .optional()
    .describe(
      'a key like `BOOTSTRAP_API_KEY` for the program that runs the platform, such as `npm start`: no list shows it, nobody can change or revoke it, and it ends at the first start without it',
    ),
});

/** Settings of the program that runs the migrations and then exits. */
export const migrationConfigSchema = z.object({
  LOG_LEVEL: commonSettings.LOG_LEVEL,
  DATABASE_URL: setting.secret().describe('its role must own the database'),
  DATABASE_SERVICE_ROLE: z
    .string()
    .regex(ROLE_NAME, 'must be a name of lowercase letters, digits and _')
    .optional()
    .describe(
      'role in the `DATABASE_URL` of the control plane, which is granted the rights that it needs; absent: it is the owner',
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
