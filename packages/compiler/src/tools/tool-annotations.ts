import { isIdempotent, type PlanRequest, type ToolAnnotations } from '@toolplane/contracts';
import type { Part } from '../document/part.ts';

/** The properties of requests from which a tool's behaviour is derived. */
export type Sends = Pick<PlanRequest, 'method' | 'isIdempotent'>;

/**
 * Returns true if every request may be sent twice without harm. An idempotency key is not sufficient: it belongs to one
 * call, and a repeated call has another key.
 */
export function isRepeatable(requests: readonly Sends[]): boolean {
  return requests.every(isIdempotent);
}

export function isReadOnly(requests: readonly Sends[]): boolean {
  return requests.every(({ method }) => method === 'GET' || method === 'HEAD');
}

/** Derives hints from what the requests promise; a document knows better and can override each hint. */
export function toAnnotations(requests: readonly Sends[]): ToolAnnotations {
  return {
    readOnlyHint: isReadOnly(requests),
    destructiveHint: requests.some(({ method }) => method === 'DELETE'),
    idempotentHint: isRepeatable(requests),
    openWorldHint: true,
  };
}

/** Reads the hints about a tool that MCP defines. */
export function readAnnotations(part: Part | undefined): Record<string, boolean> {
  part?.allowKeys(['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']);
  const entries = part?.entries().flatMap(([name, hint]): [string, boolean][] => {
    const value = hint.boolean();
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries ?? []);
}
