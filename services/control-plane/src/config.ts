import { parseApiKey } from '@toolplane/contracts';
import { arePeppers, PEPPERS_RULE } from '@toolplane/sealing';
import { readConfig, setting } from '@toolplane/service-kit';
import { z } from 'zod';
import { readSigningKeys, SIGNING_KEYS_RULE } from './authorization-server/signing-keys.ts';

const configSchema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: setting.port(8080),
  HEALTH_PORT: setting.port(9080),
  /**
   * For a role that owns the database and is neither superuser nor has BYPASSRLS. Another is taken if it may create roles.
   */
  DATABASE_URL: setting.secret(),
  REDIS_URL: setting.redisUrl(),
  /** `kid:base64(32 bytes)`, comma-separated; the first seals. Shared with the data plane. */
  COMMAND_KEYS: setting.secret(),
  /** Private Ed25519 JWK with which manifests, plans and key records are signed. */
  MANIFEST_SIGNING_KEY: setting.secret(),
  /** JWKS of private P-256 keys for the tokens of the authorization server; the first signs. Absent: there is none. */
  OAUTH_SIGNING_KEYS: setting
    .secret()
    .refine((keys) => readSigningKeys(keys.reveal()) !== undefined, SIGNING_KEYS_RULE)
    .optional(),
  API_KEY_PEPPER: setting.secret().refine((peppers) => arePeppers(peppers.reveal()), PEPPERS_RULE),
  /** Base URL of the MCP endpoints, without a trailing slash. */
  EDGE_PUBLIC_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  /** Base URL of the REST API as browsers reach it, for coming back from a sign-in; default: 127.0.0.1 and the port. */
  CONTROL_PLANE_PUBLIC_URL: z
    .url()
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** Networks of proxies that are believed whose request it is (`X-Forwarded-For`). */
  TRUSTED_PROXIES: setting.networks(),
  /** Requests to the page on which people connect that one address may make at this process. */
  CONNECT_REQUESTS_PER_MINUTE: setting.positive(120),
  /** A key with every permission in the workspace `default`, made at the start when it is missing. */
  BOOTSTRAP_API_KEY: setting
    .secret()
    .refine((key) => parseApiKey(key.reveal()) !== undefined, 'is not an API key (tp_live_…)')
    .optional(),
  /** How often an external MCP server that answers is looked at. */
  EXTERNAL_REFRESH_SECONDS: z.coerce.number().int().min(1).max(86_400).default(300),
  /** How long entries of the audit log are kept; 0: for ever. */
  AUDIT_RETENTION_DAYS: z.coerce.number().int().min(0).max(36_500).default(400),
  /** How long calls are kept in the call log, in whole days; 0: for ever. */
  CALL_LOG_RETENTION_DAYS: z.coerce.number().int().min(0).max(3650).default(30),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

export type ControlPlaneConfig = z.infer<typeof configSchema>;

export function readControlPlaneConfig(environment?: Record<string, string | undefined>): ControlPlaneConfig {
  return readConfig(configSchema, environment);
}
