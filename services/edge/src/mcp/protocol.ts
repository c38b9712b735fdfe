/** Protocol revisions served. Modern ones are stateless and describe themselves in each request's `_meta`. */
export const MODERN_PROTOCOL_VERSION = '2026-07-28';
export const legacyProtocolVersions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** A legacy request without the header is of the revision before it was introduced (MCP 2025-06-18, transports). */
export const PROTOCOL_VERSION_WITHOUT_HEADER = '2025-03-26';

export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
} as const;

/** Reverse-DNS key of our own: lets an operator find the trace of a failed call. */
export const TRACE_ID_META_KEY = 'io.toolplane/traceId';
