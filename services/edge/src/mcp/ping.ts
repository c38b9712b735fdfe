import type { Handle } from './mcp-request.ts';

export const ping: Handle = () => ({ members: '' });
