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
      '`{"eu":"k1:…"}`: a JSON object that maps the name of each [pool](../how-to/pools.md) to the call keys of its data planes',
    ),
  SESSION_KEYS: setting
    .secret()
    .describe(
      'in the format of `CALL_KEYS`, but shared only among edges: seals sessions, tasks, request states and idempotency records',
    ),
  MANIFEST_VERIFY_KEYS: z.string().min(1).describe("public JWK set of the control plane's signing keys, as JSON"),
  API_KEY_PEPPER: setting
    .secret()
    .refine((peppers) => arePeppers(peppers.reveal()), PEPPERS_RULE)
    .describe('shared with the control plane'),
  EDGE_PUBLIC_URL: setting.baseUrl().describe('base URL that clients use'),
  CONTROL_PLANE_PUBLIC_URL: setting
    .baseUrl()
    .optional()
    .describe(
      'base URL of the control plane as browsers reach it, for links to the page on which [people connect](connections.md); without it there are no such links',
    ),
  ALLOWED_HOSTS: setting
    .hosts()
    .describe('host names that are served in addition to that of `EDGE_PUBLIC_URL`, comma-separated'),
  ALLOWED_ORIGINS: setting
    .list()
    .describe(
      'browser origins that may call (`https://console.example.com`), comma-separated; requests without `Origin` are always allowed',
    ),
  TRUSTED_PROXIES: setting
    .networks()
    .describe(
      'networks of proxies, comma-separated (`10.0.0.0/8`): the client of a request from there is the last address in `X-Forwarded-For` that is in none of them; the same as for the control plane',
    ),
  TENANT_IN_FLIGHT_MAX: setting.positive(20).describe('calls of one workspace in progress at once'),
  ORGANIZATION_IN_FLIGHT_MAX: z.coerce.number().int().min(1).optional().meta({
    absent: 'twice as many as are free of `TOTAL_IN_FLIGHT_MAX`',
    description:
      'calls of all workspaces of one organization in progress at once; its [share](tool-calls.md#shares-of-organizations) applies in addition',
  }),
  ORGANIZATION_WEIGHTS: z.string().transform(toWeights).optional().meta({
    absent: 'every organization has weight 1',
    description:
      '`{"org_1":3}`: a JSON object that maps ids of organizations to their weights, whole numbers from 1 to 100, for their [shares](tool-calls.md#shares-of-organizations); the same at all edges',
  }),
  TOTAL_IN_FLIGHT_MAX: setting
    .positive(400)
    .describe(
      'calls of all organizations in progress at once; about four times the total `CONCURRENCY` of the data planes that always run, and at least the total of all that may be started',
    ),
  STREAMS_PER_CALLER_MAX: setting
    .positive(100)
    .describe(
      'long streams (GET, subscriptions, legacy SSE) that one caller may hold open at an edge; further ones get 429. Callers without a key share one such limit per server; one address (of IPv6: one /64) may use a quarter of it, counted over all servers. Behind a proxy that is not among `TRUSTED_PROXIES`, all of these callers have one address and share that quarter: name the proxy there, or raise the limit and let the proxy limit its clients',
    ),
  STREAMS_PER_ORGANIZATION_MAX: setting
    .positive(2000)
    .describe(
      'the same for all callers of one organization, whatever keys and workspaces they have; a workspace may hold half of it',
    ),
  STREAMS_MAX: setting.positive(10_000).describe('the same for all callers in total'),
  REQUESTS_PER_CALLER_PER_SECOND: setting
    .positive(500)
    .describe(
      'requests that one key or token may make at an edge, whatever users it names. A caller that was idle may make the requests of ten seconds at once; further ones get 429 with `Retry-After`. Each message of a JSON-RPC batch and each call of a batch of `execute_tools` counts. The limit cannot be switched off: set it out of reach instead',
    ),
  REQUESTS_PER_ORGANIZATION_PER_SECOND: setting
    .positive(2000)
    .describe('the same for all keys and tokens of one organization together; a workspace may make half of them'),
  POSTS_PER_CALLER_MAX: setting
    .positive(500)
    .describe(
      'POSTs of one key or token that an edge may be answering at once, including those that wait for a person or for the first call of an idempotency key; further ones get 429. Set it higher than `TENANT_IN_FLIGHT_MAX`. Answers of a person and notifications, such as cancellations, do not count. The same number limits how many POSTs of any kind may be sending their bodies at once',
    ),
  POSTS_PER_ORGANIZATION_MAX: setting
    .positive(2000)
    .describe('the same for all keys and tokens of one organization together; a workspace may have half of them'),
  REDIS_MIB_PER_ORGANIZATION_MAX: setting
    .positive(128)
    .describe(
      'MiB that tasks, results of idempotency keys, streams and sessions of one organization may take in Redis; beyond it, new tasks are refused (`tenant_busy`), of keyed calls only is kept that they ran, and streams can no longer be resumed. What is under 4 KiB may use twice as much. See [how much memory](../how-to/redis.md#memory)',
    ),
  PUBLIC_CALLS_PER_MINUTE: setting
    .positive(60)
    .describe(
      "requests to public servers that one address (of IPv6: one /64) may make at an edge without a key; further ones get 429. Each message of a JSON-RPC batch and each call of a batch of `execute_tools` counts. Behind a proxy that is not among `TRUSTED_PROXIES`, the address is the proxy's: raise the limit there, and let the proxy limit its clients",
    ),
  DRAIN_MS: setting
    .milliseconds(50_000)
    .describe(
      'time for calls in progress to end when the edge stops; after it they end as `unknown`. `terminationGracePeriodSeconds` must be more than the sum of this and `DRAIN_DELAY_MS`',
    ),
  DRAIN_DELAY_MS: setting
    .milliseconds(5000)
    .describe('how long a stopping edge continues to serve, so that load balancers notice'),
});

export type EdgeConfig = z.infer<typeof edgeConfigSchema>;

export function readEdgeConfig(environment?: Record<string, string | undefined>): EdgeConfig {
  return readConfig(edgeConfigSchema, environment);
}

const weightsSchema = z.record(z.string(), z.int().min(1).max(100));

function toWeights(text: string, { addIssue }: z.RefinementCtx): ReadonlyMap<string, number> {
  try {
    return new Map(Object.entries(weightsSchema.parse(JSON.parse(text))));
  } catch {
    addIssue({
      code: 'custom',
      message: 'is not a JSON object of ids of organizations and whole numbers from 1 to 100',
    });
    return z.NEVER;
  }
}
