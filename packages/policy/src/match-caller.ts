import type { CallerKind, PolicyRule } from '@toolplane/contracts';
import { compilePatterns } from './patterns.ts';

/** Who calls. What is absent matches no condition on it. */
export type PolicyCaller = {
  readonly kind: CallerKind;
  readonly keyId?: string | undefined;
  readonly agentId?: string | undefined;
  /** The external user in whose name it calls. */
  readonly username?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly claims?: Readonly<Record<string, string | readonly string[]>> | undefined;
};

/**
 * What the policy of a server in another workspace sees of a caller. Names of users, groups and claims mean something
 * only where the caller is: there, others may choose them as they like.
 */
export function toCallerFromElsewhere({ kind, keyId, agentId }: PolicyCaller): PolicyCaller {
  return { kind, keyId, agentId };
}

export type MatchCaller = (caller: PolicyCaller) => boolean;

type Condition = NonNullable<PolicyRule['callers']>;

/** Made once for each list, which lasts as long as what is known of its token: a token may name thousands. */
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

/** Undefined: there is nothing to hold. */
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
