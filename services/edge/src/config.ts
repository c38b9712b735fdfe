import { arePeppers, arePoolKeys, PEPPERS_RULE, POOL_KEYS_RULE } from '@toolplane/sealing';
import { commonSettings, readConfig, setting } from '@toolplane/service-kit';
import { z } from 'zod';

export const edgeConfigSchema = z.object({
  ...commonSettings,
  PORT: setting.port(8081).describe('MCP'),
  HEALTH_PORT: setting.healthPort(9081),
  CALL_KEYS: setting
    .secret()
    .describe('`kid:base64(32 bytes)`, comma-separated; the first seals. Shared with the data plane'),
  POOL_CALL_KEYS: setting
    .secret()
    .refine((keys) => arePoolKeys(keys.reveal()), POOL_KEYS_RULE)
    .optional()
    .describe(
      '`{"eu":"k1:…"}`: a JSON object that gives each [pool](../how-to/pools.md), by its name, the call keys that its data planes have',
    ),
  SESSION_KEYS: setting
    .secret()
    .describe(
      'as `CALL_KEYS`, but shared by edges alone: seals sessions, tasks, request states and idempotency records',
    ),
  MANIFEST_VERIFY_KEYS: z.string().min(1).describe("public JWK set of the control plane's signing keys, as JSON"),
  API_KEY_PEPPER: setting
    .secret()
    .refine((peppers) => arePeppers(peppers.reveal()), PEPPERS_RULE)
    .describe('shared with the control plane'),
  PUBLIC_URL: setting.baseUrl().describe('base URL that clients use'),
  CONNECT_URL: setting
    .baseUrl()
    .optional()
    .describe(
      'base URL of the control plane as browsers reach it, for links to the page on which [people connect](connections.md); without it there are none',
    ),
  ALLOWED_HOSTS: setting.list().describe('host names besides that of `PUBLIC_URL`, comma-separated'),
  ALLOWED_ORIGINS: setting
    .list()
    .describe(
      'origins of browsers that may call (`https://console.example.com`), comma-separated; requests without `Origin` always may',
    ),
  TRUSTED_PROXIES: setting
    .networks()
    .describe(
      "networks of proxies, comma-separated (`10.0.0.0/8`): a request from there is of the last address in its `X-Forwarded-For` that is in none of them; as the control plane's",
    ),
  TENANT_IN_FLIGHT_MAX: setting.positive(20).describe('calls of one workspace under way at once'),
  TOTAL_IN_FLIGHT_MAX: setting
    .positive(400)
    .describe(
      'calls of all under way at once; about four times the `CONCURRENCY` of the data planes that always run, and at least that of all that may be started',
    ),
  STREAMS_PER_CALLER_MAX: setting
    .positive(100)
    .describe(
      'long streams (GET, subscriptions, legacy SSE) that one caller may hold open at an edge; more get 429. Callers without a key share those of a server, of which a quarter is for one address (of IPv6: one /64), at all servers together. Behind a proxy that is not among `TRUSTED_PROXIES` all of them are one address and share that quarter: name the proxy there, or set it higher and let the proxy count',
    ),
  STREAMS_MAX: setting.positive(10_000).describe('the same for all callers together'),
  REQUESTS_PER_CALLER_PER_SECOND: setting
    .positive(500)
    .describe(
      'requests that one key or token may make at an edge, whatever users it names; who was quiet may make those of ten seconds at once, more get 429 with `Retry-After`. Each message of a JSON-RPC batch and each call of a batch of `execute_tools` counts. There is always a limit: set it out of reach to have none',
    ),
  POSTS_PER_CALLER_MAX: setting
    .positive(500)
    .describe(
      'POSTs of one key or token that an edge may be answering at once, those that wait for a person or for the first call of an idempotency key too; more get 429. More than `TENANT_IN_FLIGHT_MAX`. Answers of a person and notifications, such as those that cancel, are not among them; of all POSTs, the bodies of as many may be on their way',
    ),
  PUBLIC_CALLS_PER_MINUTE: setting
    .positive(60)
    .describe(
      "requests to public servers that one address (of IPv6: one /64) may make at an edge without a key; more get 429. Each message of a JSON-RPC batch and each call of a batch of `execute_tools` counts. Behind a proxy that is not among `TRUSTED_PROXIES` the address is the proxy's: set it higher there, and let the proxy count",
    ),
  DRAIN_MS: setting
    .milliseconds(50_000)
    .describe(
      'what calls under way get to end when the edge stops; then they end as `unknown`. `terminationGracePeriodSeconds` is more than this and `DRAIN_DELAY_MS` together',
    ),
  DRAIN_DELAY_MS: setting
    .milliseconds(5000)
    .describe('how long a stopping edge goes on serving, so that balancers notice'),
});

export type EdgeConfig = z.infer<typeof edgeConfigSchema>;

export function readEdgeConfig(environment?: Record<string, string | undefined>): EdgeConfig {
  return readConfig(edgeConfigSchema, environment);
}
