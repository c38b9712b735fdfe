import type { Edge } from '../edge.ts';
import type { Principal } from './principal.ts';

/** Reports to the control plane who makes requests, so that unused keys and agents can be found. */
export function noteCaller({ seenCallers }: Pick<Edge, 'seenCallers'>, principal: Principal): void {
  if (principal.kind === 'api-key') seenCallers.note({ kind: 'key', id: principal.keyId });
  if (principal.kind !== 'anonymous' && principal.agentId !== undefined) {
    seenCallers.note({ kind: 'agent', id: principal.agentId });
  }
}
