import type { JsonObject } from '@toolplane/contracts';
import { toObject } from '../parts/json-object.ts';

/** Who calls, in a call that nobody makes; as the form has it, with empty texts. */
export type AskedCaller = {
  kind: 'anonymous' | 'key' | 'token';
  key: string;
  agent: string;
  username: string;
  groups: string[];
  claims: string;
};

/** What `POST …/policy/explain` takes. */
export type QuestionedCall = {
  tool: string;
  caller: Record<string, unknown>;
  arguments?: JsonObject;
  at?: string;
};

/** What is empty is left out, and what a caller of this kind has not. Throws for what is no JSON object. */
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
