import type { Edge } from '../edge.ts';
import type { Principal } from './principal.ts';

/** The control plane is told who makes requests, so that keys and agents that nobody uses are found. */
export function noteCaller({ seenCallers }: Pick<Edge, 'seenCallers'>, caller: Principal): void {
  if (caller.kind === 'api-key') seenCallers.note('key', caller.keyId);
  if (caller.kind !== 'anonymous' && caller.agentId !== undefined) seenCallers.note('agent', caller.agentId);
}
