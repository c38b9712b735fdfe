/** The supported protocol revisions. Modern ones are stateless and describe themselves in each request's `_meta`. */
export const MODERN_PROTOCOL_VERSION = '2026-07-28';
export const legacyProtocolVersions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/**
 * A legacy request without the version header belongs to the revision before the header was introduced (MCP 2025-06-18,
 * transports).
 */
export const PROTOCOL_VERSION_WITHOUT_HEADER = '2025-03-26';

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** In a list, marks a tool of an external server that nobody has approved. */
export const UNREVIEWED_META_KEY = 'io.toolplane/unreviewed';
/** Lets an operator find the trace of a failed call. */
export const TRACE_ID_META_KEY = 'io.toolplane/traceId';
/** In a result, for callers who debug the server: the timing of the call, in milliseconds. */
export const TIMING_META_KEY = 'io.toolplane/timing';
/**
 * In a request: the idempotency key. A repeated call returns the first one's result. The header `Idempotency-Key` means
 * the same.
 */
export const IDEMPOTENCY_META_KEY = 'io.toolplane/idempotency-key';
/** In a result: nothing was run for it, and it is the result of the first call with the same idempotency key. */
export const REPLAYED_META_KEY = 'io.toolplane/replayed';
/**
 * In the result of a call with an idempotency key: repeating the call will report that it ran, but not return the
 * result.
 */
export const NOT_KEPT_META_KEY = 'io.toolplane/result-not-kept';

/** Returns whether a version is unknown. An absent version, which a legacy client may omit, is not. */
export function isUnknownVersion(version: unknown): boolean {
  return version !== undefined && version !== MODERN_PROTOCOL_VERSION && !isLegacyVersion(version);
}

export function isLegacyVersion(version: unknown): version is (typeof legacyProtocolVersions)[number] {
  return (legacyProtocolVersions as readonly unknown[]).includes(version);
}
