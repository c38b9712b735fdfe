/**
 * Settings that no production manifest names: their default is right for production, or they belong to other secret
 * stores.
 */
export const leftToDefault: Record<string, readonly string[]> = {
  edge: [
    'PORT',
    'HEALTH_PORT',
    'LOG_LEVEL',
    'ALLOWED_HOSTS',
    'TENANT_IN_FLIGHT_MAX',
    'ORGANIZATION_IN_FLIGHT_MAX',
    'ORGANIZATION_WEIGHTS',
    'STREAMS_PER_CALLER_MAX',
    'STREAMS_MAX',
    'PUBLIC_CALLS_PER_MINUTE',
    'REQUESTS_PER_CALLER_PER_SECOND',
    'POSTS_PER_CALLER_MAX',
    'STREAMS_PER_ORGANIZATION_MAX',
    'REQUESTS_PER_ORGANIZATION_PER_SECOND',
    'POSTS_PER_ORGANIZATION_MAX',
    'REDIS_MIB_PER_ORGANIZATION_MAX',
  ],
  'data-plane': [
    // Needed only for an upgrade from a release whose seals have no audience.
    'SEALS_WITHOUT_AUDIENCE_UNTIL',
    'HEALTH_PORT',
    'LOG_LEVEL',
    'RESPONSE_BYTES_MAX',
    'EGRESS_ALLOW_CIDRS',
    'EGRESS_DENY_CIDRS',
    'EGRESS_REQUESTS_PER_ORIGIN',
    'EGRESS_ALLOW_HOSTS',
    'EGRESS_DENY_HOSTS',
    'EGRESS_ALLOW_HTTP',
    'EGRESS_PORTS',
    'EGRESS_DNS_SERVERS',
    'EGRESS_PROXY_URL',
    'EGRESS_PROXY_RESOLVES',
    // The settings of stores other than `aws`.
    'SECRETS_DIR',
    'SECRETS_KEYS',
    'VAULT_ADDR',
    'VAULT_MOUNT',
    'VAULT_NAMESPACE',
    'VAULT_CACERT',
    'VAULT_TOKEN',
    'VAULT_TOKEN_FILE',
    'VAULT_K8S_ROLE',
    'VAULT_K8S_MOUNT',
    'VAULT_K8S_TOKEN_FILE',
  ],
  'control-plane': [
    // Only local mode has a program that administers the platform it runs.
    'INTERNAL_API_KEY',
    'PORT',
    'HEALTH_PORT',
    'LOG_LEVEL',
    'CONNECT_REQUESTS_PER_MINUTE',
    'WORKSPACES_PER_ORGANIZATION_MAX',
    'SERVERS_PER_ORGANIZATION_MAX',
    'API_KEYS_PER_ORGANIZATION_MAX',
    'EXTERNAL_USERS_PER_ORGANIZATION_MAX',
    'EXTERNAL_REFRESH_SECONDS',
    'ALLOWED_HOSTS',
    'AUDIT_RETENTION_DAYS',
    'CALL_LOG_RETENTION_DAYS',
    'DATABASE_PREPARED_STATEMENTS',
  ],
  migration: ['LOG_LEVEL'],
};

/** Variables that Node, libraries or the entry point of an image read, and no schema. */
export const notOurs = ['AWS_REGION', 'NODE_ENV', 'NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'UV_THREADPOOL_SIZE'];

/** Variables that are set while an image is built. */
export const ofImages = ['TOOLPLANE_REVISION', 'CLI_FILE', 'CONSOLE_DIR'];
