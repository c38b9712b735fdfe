import type { Handle } from '../protocol/mcp-request.ts';

/** `server/discover` (MCP 2026-07-28). */
export const discover: Handle = ({ server }) => ({ prepared: server.lists.discover });
