import type { JsonObject } from '@toolplane/contracts';
import { toObject } from '../parts/json-object.ts';

/** The caller in a hypothetical call, in the form's representation, with empty texts. */
export type AskedCaller = {
  kind: 'anonymous' | 'key' | 'token';
  key: string;
  agent: string;
  username: string;
  groups: string[];
  claims: string;
};

/** The body of `POST …/policy/explain`. */
export type ExplainRequest = {
  tool: string;
  caller: Record<string, unknown>;
  arguments?: JsonObject;
  at?: string;
};

/**
 * Leaves out empty fields and fields that a caller of this kind does not have. Throws for text that is not a JSON
 * object.
 */
export function toCaller({ kind, key, agent, username, groups, claims }: AskedCaller): Record<string, unknown> {
  if (kind === 'anonymous') return { kind };
  return {
    kind,
    ...(agent === '' ? {} : { agent }),
    ...(username === '' ? {} : { username }),
    ...(kind === 'key' && key !== '' ? { key } : {}),
    ...(kind === 'token' && groups.length > 0 ? { groups } : {}),
    ...(kind === 'token' && claims.trim() !== '' ? { claims: toObject(claims) } : {}),
  };
}
