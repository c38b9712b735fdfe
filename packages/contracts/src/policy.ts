import { z } from 'zod';
import { callerKindSchema } from './caller-kind.ts';
import { jsonObjectSchema } from './json.ts';

/*
 * Who may call which tool of a server, when and how often. Published in the manifest, decided by the edge.
 *
 * Of the rules that match a call, a `deny` takes precedence over an `approve`, and an `approve` over an `allow`. Among
 * rules with the same effect, the first decides. Calls that no rule matches are decided by `unmatched`. All limits
 * apply in addition.
 */

/** `*` matches any characters, including none. */
export const policyPatternSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.@+*-]{1,255}$/, 'must be 1 to 255 ASCII letters, digits or _ . @ + * -');

/** Patterns for names of tools, and for those of prompts and resources: `prompt:<name>`, `resource:<uri>`. */
const namePatternSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9_.@+*:/{}?&=,;%~#-]{1,255}$/,
    'must be 1 to 255 ASCII letters, digits or _ . @ + * - and those of URIs',
  );

const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(100);

/** All members that are present must match. A list matches if one of its entries does. */
export const policyToolsSchema = z.strictObject({
  /**
   * Names as clients see them, or `<toolkit>.<tool>`; also prompts (`prompt:<name>`) and resources (`resource:<uri>`).
   */
  names: list(namePatternSchema).optional(),
  toolkits: list(policyPatternSchema).optional(),
  /**
   * Hints that a tool does not declare have the protocol's defaults: not read-only, destructive, not idempotent,
   * open-world.
   */
  annotations: z
    .strictObject({
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
});

/** All members that are present must match. A list matches if one of its entries does. */
export const policyCallersSchema = z.strictObject({
  /** How the caller proved who they are. `anonymous`: they did not. */
  kinds: list(callerKindSchema).optional(),
  /** The ids of API keys. */
  keys: list(z.string().min(1).max(64)).optional(),
  /** The ids of agents. */
  agents: list(z.string().min(1).max(64)).optional(),
  /** The names of external users. */
  users: list(policyPatternSchema).optional(),
  /** The groups in the token of a user. */
  groups: list(z.string().min(1).max(255)).optional(),
  /**
   * The claims in the token of a user: each of these claims must be one of the texts, or a list that contains one of
   * them.
   */
  claims: z.record(z.string().min(1).max(64), list(z.string().min(1).max(255))).optional(),
});

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM');

export const policyTimesSchema = z.strictObject({
  days: list(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).optional(),
  /** The first minute of the period. */
  from: timeOfDay.optional(),
  /**
   * The first minute after the period. If it is before `from`, the period ends on the next day, but belongs to the day
   * on which it began.
   */
  to: timeOfDay.optional(),
  /** An IANA name. */
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
  /** A JSON Schema 2020-12. The rule matches only if the arguments satisfy it. */
  arguments: jsonObjectSchema.optional(),
  times: policyTimesSchema.optional(),
  /**
   * Only with `approve`. `user`: the person behind the client confirms the call. `workspace`: somebody with
   * `approvals:write` does.
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

/** Calls beyond the limit are refused, and nothing of them runs. */
export const policyLimitSchema = z.strictObject({
  id: ruleIdSchema,
  description: z.string().max(500).optional(),
  tools: policyToolsSchema.optional(),
  callers: policyCallersSchema.optional(),
  /** Which calls are counted together: those of a key or token, of an external user, of an agent, or all. */
  per: z.enum(['caller', 'user', 'agent', 'server']),
  /** A sliding window: no interval of this length has more calls. */
  calls: z.strictObject({ max: z.int().min(1).max(1_000_000), seconds: z.int().min(1).max(86_400) }).optional(),
  /** The maximum number of calls at the same time. */
  concurrent: z.int().min(1).max(10_000).optional(),
});
export type PolicyLimit = z.infer<typeof policyLimitSchema>;

export const policySchema = z.strictObject({
  unmatched: z.enum(['allow', 'deny']).default('allow'),
  rules: z.array(policyRuleSchema).max(200).default([]),
  limits: z.array(policyLimitSchema).max(50).default([]),
});
export type Policy = z.infer<typeof policySchema>;
