import type { Handle } from './handle.ts';

/** `server/discover` (MCP 2026-07-28). */
export const discover: Handle = ({ server }) => ({ prepared: server.lists.discover });
