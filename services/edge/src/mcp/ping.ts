import type { Handle } from '../protocol/mcp-request.ts';

export const ping: Handle = () => ({ members: '' });
