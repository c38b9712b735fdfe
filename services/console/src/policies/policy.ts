import type { Policy, PolicyLimit, PolicyRule } from '@toolplane/contracts';

/** `McpServerPolicy` of the API. */
export type StoredPolicy = {
  /** `null`: there is none. */
  policy: Policy | null;
  /** Counts the changes. */
  version: number;
};

/** What a policy names but does not exist at present. */
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
  /** Whether the caller sees the tool in lists. */
  listed: boolean;
  /** Limits that apply in addition. */
  limits: (PolicyLimit & { serverId: string })[];
  reasons: { check: Check; decision: PolicyRule['effect']; message: string; rule: DecidingRule | null }[];
};
