import type { Handle } from './handle.ts';

export const ping: Handle = () => ({ members: '' });
