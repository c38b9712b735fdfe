import type { Policy, PolicyLimit, PolicyRule } from '@toolplane/contracts';

/** `McpServerPolicy` of the API. */
export type StoredPolicy = {
  /** `null` if there is no policy. */
  policy: Policy | null;
  /** The number of changes so far. */
  version: number;
};

/** Something that a policy refers to and that does not exist at present. */
export type PolicyWarning = { path: string; message: string; suggestions: string[] };

/** `ReplacedMcpServerPolicy` of the API. */
export type ReplacedPolicy = StoredPolicy & { warnings: PolicyWarning[] };

type Check = 'key' | 'user' | 'server' | 'tool' | 'arguments' | 'policy' | 'originPolicy';
export type DecidingRule = { id: string; description: string | null; serverId: string };

/** `PolicyExplanation` of the API. */
export type Explanation = {
  decision: PolicyRule['effect'];
  by: Check;
  rule: DecidingRule | null;
  approval: { by: 'user' | 'workspace'; validSeconds: number } | null;
  /** True if lists of tools show the tool to the caller. */
  listed: boolean;
  /** Limits that apply in addition. */
  limits: (PolicyLimit & { serverId: string })[];
  reasons: { check: Check; decision: PolicyRule['effect']; message: string; rule: DecidingRule | null }[];
};
