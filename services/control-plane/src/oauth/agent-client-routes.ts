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
import type { Principal } from '../platform/principals/principal.ts';
import { displayNameSchema, idSchema, timestampSchema } from '../platform/request-schemas.ts';
import type { AgentClients } from './agent-clients.ts';

const clientSchema = z
  .object({
    clientId: z.string(),
    name: z.string(),
    createdAt: timestampSchema,
    lastUsedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'AgentClient' });
const createdSchema = clientSchema.extend({ clientSecret: z.string() }).meta({ id: 'CreatedAgentClient' });

const params = z.strictObject({ id: idSchema });
const path = '/api/v1/agents/{id}/oauth-clients';
const tag = 'Agents';

/** Routes for the OAuth clients with which an agent gets tokens instead of using API keys. */
export function addAgentClientRoutes(api: Api<Principal>, { agentClients }: { agentClients: AgentClients }): void {
  addRoute(api, {
    method: 'get',
    path,
    operationId: 'listAgentClients',
    tag,
    summary: 'List the OAuth clients of an agent',
    access: 'servers:read',
    params,
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of clients, newest first', body: listOf(clientSchema) } },
    async handle({ principal, params: { id }, query }) {
      return succeedWithPage('Clients', query, await agentClients.list(principal, id, query));
    },
  });
  addRoute(api, {
    method: 'post',
    path,
    operationId: 'createAgentClient',
    tag,
    summary: 'Create an OAuth client of an agent',
    description: 'With `grant_type=client_credentials`, it gets tokens for private servers of its workspace.',
    access: 'agents:write',
    params,
    body: z.strictObject({ name: displayNameSchema }),
    responses: { 201: { description: 'Created; the secret is shown only now', body: successOf(createdSchema) } },
    async handle({ principal, params: { id }, body: { name } }) {
      return succeed(201, 'Client created', await agentClients.create(principal, id, name));
    },
  });
  addRoute(api, {
    method: 'delete',
    path: `${path}/{clientId}`,
    operationId: 'deleteAgentClient',
    tag,
    summary: 'Delete an OAuth client of an agent',
    description:
      'The client gets no more tokens; a token that it already has stays valid for up to ten minutes. A key needs `tools:call` for this, too.',
    access: 'agents:write',
    params: params.extend({ clientId: idSchema }),
    responses: { 204: { description: 'Deleted', body: null } },
    async handle({ principal, params: { id, clientId } }) {
      await agentClients.remove(principal, id, clientId);
      return succeedWithoutBody();
    },
  });
}
