import type { PolicyRule } from '@toolplane/contracts';
import { compilePatterns } from './patterns.ts';

/** Who calls. What is absent matches no condition on it. */
export type PolicyCaller = {
  readonly kind: 'key' | 'token' | 'anonymous';
  readonly keyId?: string | undefined;
  readonly agentId?: string | undefined;
  /** The external user in whose name it calls. */
  readonly username?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly claims?: Readonly<Record<string, string | readonly string[]>> | undefined;
};

export type MatchCaller = (caller: PolicyCaller) => boolean;

type Condition = NonNullable<PolicyRule['callers']>;

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
  if (groups !== undefined)
    conditions.push((caller) => caller.groups?.some((group) => groups.includes(group)) ?? false);
  for (const [name, texts] of Object.entries(claims)) {
    conditions.push(({ claims = {} }) => {
      const claim = Object.hasOwn(claims, name) ? (claims[name] ?? []) : [];
      return typeof claim === 'string' ? texts.includes(claim) : claim.some((text) => texts.includes(text));
    });
  }
  return conditions.length === 0 ? undefined : (caller) => conditions.every((holds) => holds(caller));
}
