import {
  callerKindSchema,
  jsonObjectSchema,
  policyLimitSchema,
  policyRuleSchema,
  policySchema,
} from '@toolplane/contracts';
import { type Api, addRoute, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import {
  idSchema,
  ifMatchSchema,
  textOf,
  timeSchema,
  toExpectedVersion,
  toVersion,
  usernameSchema,
} from '../../platform/request-schemas.ts';
import { serversTag, twins } from '../server-answers.ts';
import { checks } from './explain.ts';
import type { Policies } from './policies.ts';

const argumentsSchema = z.record(z.string(), z.unknown());
const describedPolicySchema = policySchema
  .extend({
    rules: z
      .array(
        policyRuleSchema.extend({
          arguments: argumentsSchema.optional().meta({
            description:
              'JSON Schema 2020-12 against which the arguments of a call must be valid for the rule to match',
          }),
        }),
      )
      .max(200)
      .default([]),
  })
  .meta({ id: 'Policy' });

const { effect: effectSchema } = policyRuleSchema.shape;
const ruleSchema = z
  .object({
    id: z.string(),
    description: z.string().nullable(),
    serverId: z.string().meta({ description: 'The server whose policy has the rule' }),
  })
  .nullable();
const checkSchema = z.enum(checks);

const storedSchema = z
  .object({
    policy: describedPolicySchema.nullable().meta({ description: '`null`: there is none, so nothing is denied' }),
    version: z
      .int()
      .meta({ description: 'Incremented by each change; send it with a change to detect changes by others' }),
  })
  .meta({ id: 'McpServerPolicy' });

const replacedSchema = storedSchema
  .extend({
    warnings: z
      .array(z.object({ path: z.string(), message: z.string(), suggestions: z.array(z.string()) }))
      .meta({ description: 'What does not exist at present: tools, toolkits, keys, agents and arguments' }),
  })
  .meta({ id: 'ReplacedMcpServerPolicy' });

const explanationSchema = z
  .object({
    decision: effectSchema,
    by: checkSchema.meta({ description: 'What decided' }),
    rule: ruleSchema.meta({ description: 'The rule that decided; `null`: no rule matched or was evaluated' }),
    approval: z
      .object({ by: z.enum(['user', 'workspace']), validSeconds: z.int() })
      .nullable()
      .meta({ description: 'Who decides, if the call needs an approval' }),
    listed: z.boolean().meta({ description: 'Whether this caller sees the tool in lists' }),
    limits: z
      .array(policyLimitSchema.extend({ serverId: z.string() }))
      .meta({ description: 'Limits that apply in addition' }),
    reasons: z
      .array(z.object({ check: checkSchema, decision: effectSchema, message: z.string(), rule: ruleSchema }))
      .meta({ description: 'All checks in their order: the first that denies decides' }),
  })
  .meta({ id: 'PolicyExplanation' });

const texts = z.array(z.string().max(255)).max(200);
const callSchema = z.strictObject({
  tool: textOf(300).min(1).meta({ description: 'The name that clients of the server see; in mode SMART, the slug' }),
  caller: z
    .strictObject({
      kind: callerKindSchema.optional(),
      key: textOf(64).optional().meta({ description: 'Id of an API key of the workspace' }),
      agent: textOf(64).optional(),
      username: usernameSchema.optional(),
      groups: texts.optional(),
      claims: z.record(z.string().max(64), z.union([z.string().max(255), texts])).optional(),
    })
    .default({})
    .meta({ description: 'Left out: a caller without a key' }),
  arguments: argumentsSchema
    .optional()
    .meta({ description: 'Left out: the call is checked with only the defaults of the tool' }),
  at: timeSchema.optional().meta({ description: 'Left out: now' }),
});

const params = z.strictObject({ id: idSchema });
const headers = z.object({ 'if-match': ifMatchSchema });
const etagOf = ({ version }: { version: number }) => ({ etag: `"${version}"` });

export function addPolicyRoutes(api: Api<Principal>, { policies }: { policies: Policies }): void {
  for (const { base, suffix } of twins) {
    addRoute(api, {
      method: 'get',
      path: `${base}/{id}/policy`,
      operationId: `getPolicy${suffix}`,
      tag: serversTag,
      summary: 'Get the policy of an MCP server: who may call which tool',
      access: 'servers:read',
      params,
      responses: { 200: { description: 'The policy', body: successOf(storedSchema) } },
      async handle({ principal, params: { id } }) {
        const stored = await policies.get(principal, id);
        return { ...succeed(200, 'Policy', stored), headers: etagOf(stored) };
      },
    });
    addRoute(api, {
      method: 'put',
      path: `${base}/{id}/policy`,
      operationId: `putPolicy${suffix}`,
      tag: serversTag,
      summary: 'Replace the policy of an MCP server',
      description:
        'Among the rules that match a call, `deny` takes precedence over `approve`, and `approve` over `allow`; `unmatched` ' +
        'decides calls that no rule matches. With `version` (0: there never was one) or `If-Match`, this answers 409 if somebody else made a change.',
      access: 'policies:write',
      params,
      headers,
      body: z.strictObject({ policy: describedPolicySchema, version: z.int().min(0).optional() }),
      responses: { 200: { description: 'Replaced', body: successOf(replacedSchema) } },
      async handle({ principal, params: { id }, headers, body: { policy, version } }) {
        const parsed = policySchema.parse(policy);
        const replaced = await policies.replace(principal, id, parsed, toExpectedVersion(version, headers['if-match']));
        return { ...succeed(200, 'Policy replaced', replaced), headers: etagOf(replaced) };
      },
    });
    addRoute(api, {
      method: 'delete',
      path: `${base}/{id}/policy`,
      operationId: `deletePolicy${suffix}`,
      tag: serversTag,
      summary: 'Delete the policy of an MCP server: everyone who may use it may then call all of its tools',
      access: 'policies:write',
      params,
      headers,
      responses: { 200: { description: 'Deleted', body: successOf(storedSchema) } },
      async handle({ principal, params: { id }, headers }) {
        const removed = await policies.remove(principal, id, toVersion(headers['if-match']));
        return { ...succeed(200, 'Policy deleted', removed), headers: etagOf(removed) };
      },
    });
    addRoute(api, {
      method: 'post',
      path: `${base}/{id}/policy/explain`,
      operationId: `explainPolicy${suffix}`,
      tag: serversTag,
      summary: 'Explain what would happen to a call, and which rule decides it',
      description: 'Nothing is called and nothing is counted.',
      access: 'servers:read',
      isQuestion: true,
      params,
      body: callSchema,
      responses: { 200: { description: 'The decision', body: successOf(explanationSchema) } },
      async handle({ principal, params: { id }, body: { tool, caller, arguments: sent, at } }) {
        const callArguments = sent === undefined ? undefined : jsonObjectSchema.parse(sent);
        const call = { tool, caller, arguments: callArguments, at: at === undefined ? Date.now() : Date.parse(at) };
        return succeed(200, 'Decision', await policies.explain(principal, id, call));
      },
    });
  }
}
