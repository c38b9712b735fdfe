import {
  type Api,
  addRoute,
  listOf,
  pageQuery,
  succeed,
  succeedWithoutBody,
  succeedWithPage,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import {
  activationSchema,
  descriptionSchema,
  displayNameSchema,
  flagSchema,
  idSchema,
  textOf,
  timestampSchema,
} from '../../platform/request-schemas.ts';
import type { Agents } from './agents.ts';

const agentSchema = z
  .object({
    id: z.string().meta({ description: 'The id that policies and credentials of the scope `agent` use' }),
    workspaceId: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    isActive: z.boolean().meta({ description: 'If `false`, its keys and tokens are refused' }),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
    lastSeenAt: timestampSchema.nullable().meta({ description: 'Last request with one of its keys, to the minute' }),
  })
  .meta({ id: 'Agent' });

const params = z.strictObject({ id: idSchema });
const path = '/api/v1/agents';
const tag = 'Agents';

export function addAgentRoutes(api: Api<Principal>, agents: Agents): void {
  addRoute(api, {
    method: 'get',
    path,
    operationId: 'listAgents',
    tag,
    summary: 'List agents',
    access: 'servers:read',
    query: z.strictObject({
      ...pageQuery,
      q: textOf(200).optional().meta({ description: 'Part of the name' }),
      isActive: flagSchema.optional(),
    }),
    responses: { 200: { description: 'A page of agents, newest first', body: listOf(agentSchema) } },
    async handle({ principal, query: { q, isActive, page, limit } }) {
      const request = { q, isActive, page, limit };
      return succeedWithPage('Agents', request, await agents.list(principal, request));
    },
  });
  addRoute(api, {
    method: 'post',
    path,
    operationId: 'createAgent',
    tag,
    summary: 'Create an agent',
    description: 'Create its keys with `agentId`; its credentials have the scope `agent` and its id as subject.',
    access: 'agents:write',
    body: z.strictObject({ name: displayNameSchema, description: descriptionSchema.optional() }),
    responses: { 201: { description: 'Created', body: successOf(agentSchema) } },
    async handle({ principal, body }) {
      return succeed(201, 'Agent created', await agents.create(principal, body));
    },
  });
  addRoute(api, {
    method: 'get',
    path: `${path}/{id}`,
    operationId: 'getAgent',
    tag,
    summary: 'Get an agent',
    access: 'servers:read',
    params,
    responses: { 200: { description: 'The agent', body: successOf(agentSchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'Agent', await agents.get(principal, id));
    },
  });
  addRoute(api, {
    method: 'patch',
    path: `${path}/{id}`,
    operationId: 'changeAgent',
    tag,
    summary: 'Rename an agent',
    access: 'agents:write',
    params,
    body: z.strictObject({ name: displayNameSchema.optional(), description: descriptionSchema.nullable().optional() }),
    responses: { 200: { description: 'Changed', body: successOf(agentSchema) } },
    async handle({ principal, params: { id }, body }) {
      return succeed(200, 'Agent changed', await agents.change(principal, id, body));
    },
  });
  addRoute(api, {
    method: 'put',
    path: `${path}/{id}/toggle-active`,
    operationId: 'toggleAgent',
    tag,
    summary: 'Activate or deactivate an agent',
    description:
      'While the agent is deactivated, every edge refuses its keys and tokens like revoked ones, within seconds.',
    access: 'agents:write',
    params,
    body: activationSchema,
    responses: { 200: { description: 'The agent as it is now', body: successOf(agentSchema) } },
    async handle({ principal, params: { id }, body: { isActive } }) {
      const agent = await agents.toggle(principal, id, isActive);
      return succeed(200, agent.isActive ? 'Agent activated' : 'Agent deactivated', agent);
    },
  });
  addRoute(api, {
    method: 'delete',
    path: `${path}/{id}`,
    operationId: 'deleteAgent',
    tag,
    summary: 'Delete an agent, its keys and its credentials',
    description:
      'This cannot be undone: its keys are revoked. If the data plane is unavailable, this answers 503; repeat it then.',
    access: 'agents:write',
    params,
    responses: { 204: { description: 'Deleted', body: null } },
    async handle({ principal, params: { id } }) {
      await agents.remove(principal, id);
      return succeedWithoutBody();
    },
  });
}
