import type { CallerKind, PolicyRule } from '@toolplane/contracts';
import { compilePatterns } from './patterns.ts';

/** The caller of a tool. An absent property matches no condition on it. */
export type PolicyCaller = {
  readonly kind: CallerKind;
  readonly keyId?: string | undefined;
  readonly agentId?: string | undefined;
  /** The external user on whose behalf the call is made. */
  readonly username?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly claims?: Readonly<Record<string, string | readonly string[]>> | undefined;
};

/**
 * What the policy of a server in another workspace sees of a caller. Names of users, groups and claims have a meaning
 * only in the workspace of the caller: others there may choose them freely.
 */
export function toCallerFromElsewhere({ kind, keyId, agentId }: PolicyCaller): PolicyCaller {
  return { kind, keyId, agentId };
}

export type MatchCaller = (caller: PolicyCaller) => boolean;

type Condition = NonNullable<PolicyRule['callers']>;

/**
 * Made once for each list, which is kept as long as what is known of its token: a token may contain thousands of names.
 */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(texts: readonly string[]): ReadonlySet<string> {
  const known = sets.get(texts) ?? new Set(texts);
  sets.set(texts, known);
  return known;
}

function isOneOf(texts: readonly string[], said: readonly string[] | undefined): boolean {
  if (said === undefined) return false;
  const known = setOf(said);
  return texts.some((text) => known.has(text));
}

/** Undefined if there is no condition. */
export function compileCallers(condition: Condition = {}): MatchCaller | undefined {
  const { kinds, keys, agents, users, groups, claims = {} } = condition;
  const conditions: MatchCaller[] = [];
  if (kinds !== undefined) conditions.push(({ kind }) => kinds.includes(kind));
  if (keys !== undefined) conditions.push(({ keyId }) => keyId !== undefined && keys.includes(keyId));
  if (agents !== undefined) conditions.push(({ agentId }) => agentId !== undefined && agents.includes(agentId));
  if (users !== undefined) {
    const matchUser = compilePatterns(users);
    conditions.push(({ username }) => username !== undefined && matchUser(username));
  }
  if (groups !== undefined) conditions.push((caller) => isOneOf(groups, caller.groups));
  for (const [name, texts] of Object.entries(claims)) {
    conditions.push(({ claims = {} }) => {
      const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
      return typeof claim === 'string' ? texts.includes(claim) : isOneOf(texts, claim);
    });
  }
  return conditions.length === 0 ? undefined : (caller) => conditions.every((holds) => holds(caller));
}
