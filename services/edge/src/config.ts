import { arePeppers, PEPPERS_RULE } from '@toolplane/sealing';
import { readConfig, setting } from '@toolplane/service-kit';
import { z } from 'zod';

const configSchema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: setting.port(8081),
  HEALTH_PORT: setting.port(9081),
  REDIS_URL: setting.redisUrl(),
  /** `kid:base64(32 bytes)`, comma-separated; the first seals. Shared with the data plane. */
  CALL_KEYS: setting.secret(),
  /** As `CALL_KEYS`, shared by edges alone: seals sessions, tasks and what clients carry for them. */
  SESSION_KEYS: setting.secret(),
  /** Public JWKS of the control plane's signing keys. */
  MANIFEST_VERIFY_KEYS: z.string().min(1),
  API_KEY_PEPPER: setting.secret().refine((peppers) => arePeppers(peppers.reveal()), PEPPERS_RULE),
  /** Base URL that clients use, without a trailing slash. */
  PUBLIC_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  /** Base URL of the control plane as browsers reach it, for links to connect; absent: there are none. */
  CONNECT_URL: z
    .url()
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** Origins of browsers that may call, e.g. `https://console.example.com`; requests without `Origin` always may. */
  ALLOWED_ORIGINS: setting.list(),
  /** Host names besides that of `PUBLIC_URL`. */
  ALLOWED_HOSTS: setting.list(),
  /** Networks of proxies that are believed whose request it is (`X-Forwarded-For`). */
  TRUSTED_PROXIES: setting.networks(),
  TENANT_IN_FLIGHT_MAX: setting.positive(20),
  TOTAL_IN_FLIGHT_MAX: setting.positive(400),
  /** Long streams (GET, subscriptions, legacy SSE) that one caller may hold open at this edge, and all callers. */
  STREAMS_PER_CALLER_MAX: setting.positive(100),
  STREAMS_MAX: setting.positive(10_000),
  /** Requests to public servers that one address may make without a key, at this edge. */
  PUBLIC_CALLS_PER_MINUTE: setting.positive(60),
  /** Calls under way when it stops get this long to end; then they end as `unknown`. */
  DRAIN_MS: z.coerce.number().int().min(0).default(50_000),
  /** How long a stopping edge keeps serving, so that load balancers can take it out first. */
  DRAIN_DELAY_MS: z.coerce.number().int().min(0).default(5000),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

export type EdgeConfig = z.infer<typeof configSchema>;

export function readEdgeConfig(environment?: Record<string, string | undefined>): EdgeConfig {
  return readConfig(configSchema, environment);
}
