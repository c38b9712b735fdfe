import {
  jsonObjectSchema,
  policyLimitSchema,
  policyRuleSchema,
  policySchema,
  usernamePattern,
} from '@toolplane/contracts';
import { type Api, addRoute, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../access/principal.ts';
import { idSchema, ifMatchSchema, textOf, timeSchema, toExpectedVersion, toVersion } from '../request-schemas.ts';
import { serversTag, twins } from '../servers/server-answers.ts';
import type { Policies } from './policies.ts';

const argumentsSchema = z.record(z.string(), z.unknown());
const describedPolicySchema = policySchema
  .extend({
    rules: z
      .array(
        policyRuleSchema.extend({
          arguments: argumentsSchema.optional().meta({
            description: 'JSON Schema 2020-12 that the arguments of a call must fulfil for the rule to match',
          }),
        }),
      )
      .max(200)
      .default([]),
  })
  .meta({ id: 'Policy' });

const effectSchema = z.enum(['allow', 'deny', 'approve']);
const ruleSchema = z
  .object({
    id: z.string(),
    description: z.string().nullable(),
    serverId: z.string().meta({ description: 'Whose policy has it' }),
  })
  .nullable();
const checkSchema = z.enum(['key', 'user', 'server', 'tool', 'arguments', 'policy', 'originPolicy']);

const storedSchema = z
  .object({
    policy: describedPolicySchema.nullable().meta({ description: '`null`: there is none, so nothing is denied' }),
    version: z.int().meta({ description: 'Counts the changes; send it with a change to notice those of others' }),
  })
  .meta({ id: 'McpServerPolicy' });

const replacedSchema = storedSchema
  .extend({
    warnings: z
      .array(z.object({ path: z.string(), message: z.string(), suggestions: z.array(z.string()) }))
      .meta({ description: 'What there is not at present: tools, toolkits, keys, agents and arguments' }),
  })
  .meta({ id: 'ReplacedMcpServerPolicy' });

const explanationSchema = z
  .object({
    decision: effectSchema,
    by: checkSchema.meta({ description: 'What decided' }),
    rule: ruleSchema.meta({ description: 'The rule that decided; `null`: none matched, or none was asked' }),
    approval: z
      .object({ by: z.enum(['user', 'workspace']), validSeconds: z.int() })
      .nullable()
      .meta({ description: 'Who is asked, if the call needs an approval' }),
    listed: z.boolean().meta({ description: 'Whether this caller sees the tool in lists' }),
    limits: z.array(policyLimitSchema.extend({ serverId: z.string() })).meta({ description: 'They hold besides' }),
    reasons: z
      .array(z.object({ check: checkSchema, decision: effectSchema, message: z.string(), rule: ruleSchema }))
      .meta({ description: 'All that is looked at, in its order: the first that denies decides' }),
  })
  .meta({ id: 'PolicyExplanation' });

const texts = z.array(z.string().max(255)).max(200);
const callSchema = z.strictObject({
  tool: textOf(300).min(1).meta({ description: 'As clients of the server see it; in mode SMART its slug' }),
  caller: z
    .strictObject({
      kind: z.enum(['key', 'token', 'anonymous']).optional(),
      key: textOf(64).optional().meta({ description: 'Id of an API key of the workspace' }),
      agent: textOf(64).optional(),
      username: z.string().regex(usernamePattern).optional(),
      groups: texts.optional(),
      claims: z.record(z.string().max(64), z.union([z.string().max(255), texts])).optional(),
    })
    .default({})
    .meta({ description: 'Left out: somebody without a key' }),
  arguments: argumentsSchema
    .optional()
    .meta({ description: 'Left out: the call is looked at as one with the defaults of the tool alone' }),
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
      summary: 'Who may call which tool of an MCP server',
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
        'Of the rules that match a call a `deny` decides before an `approve`, and that before an `allow`; `unmatched` ' +
        'decides what none matches. With `version` (0: there never was one) or `If-Match` a change of somebody else answers 409.',
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
      summary: 'Delete the policy of an MCP server: whoever may use it may then call all of its tools',
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
      summary: 'What would become of a call, and which rule decides that',
      description: 'Nothing is called and nothing counted.',
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
