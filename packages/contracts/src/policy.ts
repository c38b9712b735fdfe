import { z } from 'zod';
import { callerKindSchema } from './caller-kind.ts';
import { jsonObjectSchema } from './json.ts';

/*
 * Who may call which tool of a server, when and how often. Published in the manifest, decided by the edge.
 *
 * Of the rules that match a call a `deny` decides before an `approve`, and that before an `allow`; within one effect
 * the first. What no rule matches is decided by `unmatched`. In addition, all limits apply.
 */

/** `*` matches any characters, including none. */
export const policyPatternSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.@+*-]{1,255}$/, 'must be 1 to 255 ASCII letters, digits or _ . @ + * -');

/** Names of tools, and those of prompts and resources: `prompt:<name>`, `resource:<uri>`. */
const namePatternSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9_.@+*:/{}?&=,;%~#-]{1,255}$/,
    'must be 1 to 255 ASCII letters, digits or _ . @ + * - and those of URIs',
  );

const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(100);

/** All members that are given must hold, and of a list one entry. */
export const policyToolsSchema = z.strictObject({
  /** As clients see them, or as `<toolkit>.<tool>`; also of prompts (`prompt:<name>`) and resources (`resource:<uri>`). */
  names: list(namePatternSchema).optional(),
  toolkits: list(policyPatternSchema).optional(),
  /** Hints that a tool does not give are those of the protocol: not read-only, destructive, not idempotent, open. */
  annotations: z
    .strictObject({
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
});

/** All members that are given must hold, and of a list one entry. */
export const policyCallersSchema = z.strictObject({
  /** How they proved who they are; `anonymous`: not at all. */
  kinds: list(callerKindSchema).optional(),
  /** Ids of API keys. */
  keys: list(z.string().min(1).max(64)).optional(),
  /** Ids of agents. */
  agents: list(z.string().min(1).max(64)).optional(),
  /** External users. */
  users: list(policyPatternSchema).optional(),
  /** Of the token of a user. */
  groups: list(z.string().min(1).max(255)).optional(),
  /** Of the token of a user: each named claim is, or has in its list, one of these texts. */
  claims: z.record(z.string().min(1).max(64), list(z.string().min(1).max(255))).optional(),
});

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM');

export const policyTimesSchema = z.strictObject({
  days: list(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).optional(),
  /** The first minute that belongs to it. */
  from: timeOfDay.optional(),
  /** The first minute that does not. Before `from`: of the next day, which belongs to the day it began on. */
  to: timeOfDay.optional(),
  /** IANA name. */
  timezone: z.string().min(1).max(64).default('UTC'),
});

const ruleIdSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,63}$/,
    'must consist of lowercase letters, digits and -, and begin with a letter or digit',
  );

export const policyRuleSchema = z.strictObject({
  /** Unique among the rules and limits of a policy. */
  id: ruleIdSchema,
  description: z.string().max(500).optional(),
  effect: z.enum(['allow', 'deny', 'approve']),
  tools: policyToolsSchema.optional(),
  callers: policyCallersSchema.optional(),
  /** JSON Schema 2020-12 that the arguments must fulfil for the rule to match. */
  arguments: jsonObjectSchema.optional(),
  times: policyTimesSchema.optional(),
  /**
   * Only with `approve`. `user`: whoever is behind the client confirms. `workspace`: somebody with `approvals:write`
   * does.
   */
  approval: z
    .strictObject({
      by: z.enum(['user', 'workspace']).default('workspace'),
      /** How long the call may be made once it is approved. */
      validSeconds: z.int().min(10).max(86_400).default(900),
    })
    .optional(),
});
export type PolicyRule = z.infer<typeof policyRuleSchema>;

/** Calls above it are refused, and nothing of them runs. */
export const policyLimitSchema = z.strictObject({
  id: ruleIdSchema,
  description: z.string().max(500).optional(),
  tools: policyToolsSchema.optional(),
  callers: policyCallersSchema.optional(),
  /** What is counted together: the calls of a key or token, of an external user, of an agent, or all. */
  per: z.enum(['caller', 'user', 'agent', 'server']),
  /** Sliding: no interval of this length has more. */
  calls: z.strictObject({ max: z.int().min(1).max(1_000_000), seconds: z.int().min(1).max(86_400) }).optional(),
  /** At the same time. */
  concurrent: z.int().min(1).max(10_000).optional(),
});
export type PolicyLimit = z.infer<typeof policyLimitSchema>;

export const policySchema = z.strictObject({
  unmatched: z.enum(['allow', 'deny']).default('allow'),
  rules: z.array(policyRuleSchema).max(200).default([]),
  limits: z.array(policyLimitSchema).max(50).default([]),
});
export type Policy = z.infer<typeof policySchema>;
