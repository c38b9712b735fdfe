import { secretHostSchema } from '@toolplane/contracts';
import { declaredHostSchema } from '@toolplane/contracts/declared-host';
import { type Api, addRoute, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema, ifMatchSchema, toExpectedVersion } from '../../platform/request-schemas.ts';
import type { EgressRulesOfWorkspaces } from './egress-rules.ts';

const HOSTS_MAX = 1000;

const rulesSchema = z
  .object({
    workspaceId: z.string(),
    allowHosts: z.array(z.string()).nullable(),
    denyHosts: z.array(z.string()),
    version: z
      .int()
      .meta({ description: 'Incremented by each change; send it with a change to detect changes by others' }),
  })
  .meta({ id: 'EgressRules' });

const allowHostsSchema = z.array(declaredHostSchema).max(HOSTS_MAX);
/** Denied patterns, unlike allowed ones, may cover all names below a public suffix. */
const denyHostsSchema = z.array(secretHostSchema).max(HOSTS_MAX);
const params = z.strictObject({ id: idSchema });
const path = '/api/v1/workspaces/{id}/egress';
const tag = 'Workspaces';
const etagOf = ({ version }: { version: number }) => ({ etag: `"${version}"` });

/**
 * These rules restrict people who deploy documents, so changing them requires the permission of people who set up
 * workspaces, which the keys of authors do not have.
 */
export function addEgressRulesRoutes(api: Api<Principal>, egressRules: EgressRulesOfWorkspaces): void {
  addRoute(api, {
    method: 'get',
    path,
    operationId: 'getEgressRules',
    tag,
    summary: 'Get the hosts to which the tools of a workspace may send requests',
    description:
      "For the key's own workspace; with the permission `workspaces:write`, for any workspace of its organization.",
    access: 'servers:read',
    params,
    responses: { 200: { description: 'The rules', body: successOf(rulesSchema) } },
    async handle({ principal, params: { id } }) {
      const rules = await egressRules.get(principal, id);
      return { ...succeed(200, 'Egress rules', rules), headers: etagOf(rules) };
    },
  });
  addRoute(api, {
    method: 'put',
    path,
    operationId: 'putEgressRules',
    tag,
    summary: 'Replace the egress rules of a workspace',
    description:
      'Hosts are `host`, `host:port` or `*.host`. The rules narrow what the data plane allows and never widen it. ' +
      'With `version` or `If-Match`, this answers 409 if somebody else made a change.',
    access: 'workspaces:write',
    params,
    headers: z.object({ 'if-match': ifMatchSchema }),
    body: z.strictObject({
      allowHosts: allowHostsSchema.nullable().meta({ description: 'Only these; `null`: all' }),
      denyHosts: denyHostsSchema.meta({
        description: 'Hosts that are never allowed, even if they are in the allowed list',
      }),
      version: z.int().min(1).optional(),
    }),
    responses: { 200: { description: 'Replaced', body: successOf(rulesSchema) } },
    async handle({ principal, params: { id }, headers, body: { version, ...hosts } }) {
      const rules = await egressRules.replace(principal, id, hosts, toExpectedVersion(version, headers['if-match']));
      return { ...succeed(200, 'Egress rules replaced', rules), headers: etagOf(rules) };
    },
  });
}
