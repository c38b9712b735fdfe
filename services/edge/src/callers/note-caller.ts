import type { Edge } from '../edge.ts';
import type { Principal } from './principal.ts';

/** Tells the control plane who makes requests, so that unused keys and agents can be found. */
export function noteCaller({ seenCallers }: Pick<Edge, 'seenCallers'>, caller: Principal): void {
  if (caller.kind === 'api-key') seenCallers.note('key', caller.keyId);
  if (caller.kind !== 'anonymous' && caller.agentId !== undefined) seenCallers.note('agent', caller.agentId);
}
