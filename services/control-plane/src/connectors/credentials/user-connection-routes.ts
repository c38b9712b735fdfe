import {
  type Api,
  addRoute,
  listOf,
  pageQuery,
  succeedWithoutBody,
  succeedWithPage,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { ExternalUsers } from '../../access/external-users/external-users.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema, timestampSchema } from '../../platform/request-schemas.ts';
import type { UserConnections } from './user-connections.ts';

const connectionSchema = z
  .object({
    instanceId: z.string(),
    instanceName: z.string(),
    connector: z.string().meta({ description: 'Slug' }),
    authType: z.string(),
    isUsable: z.boolean().meta({
      description: 'False while a person must sign in first, or if the instance now uses another authentication',
    }),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
    replacedAt: timestampSchema.nullable().meta({ description: 'When these replaced other ones that worked' }),
    replacedBy: z.string().nullable().meta({ description: 'Who had that done: id of a key, agent, person or user' }),
  })
  .meta({ id: 'UserConnection', description: 'An external user has credentials for a connector instance' });

const path = '/api/v1/external-users/{id}/connections';
const tag = 'External users';

export function addUserConnectionRoutes(
  api: Api<Principal>,
  { externalUsers, userConnections }: { externalUsers: Pick<ExternalUsers, 'get'>; userConnections: UserConnections },
): void {
  addRoute(api, {
    method: 'get',
    path,
    operationId: 'listUserConnections',
    tag,
    summary: 'List the connections of an external user',
    access: 'servers:read',
    params: z.strictObject({ id: idSchema }),
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of connections, by instance', body: listOf(connectionSchema) } },
    async handle({ principal, params: { id }, query }) {
      const { username } = await externalUsers.get(principal, id);
      return succeedWithPage('Connections', query, await userConnections.list(principal, username, query));
    },
  });
  addRoute(api, {
    method: 'delete',
    path: `${path}/{instanceId}`,
    operationId: 'deleteUserConnection',
    tag,
    summary: 'Disconnect an external user',
    description:
      'Deletes the credentials of this user for a connector instance. Calls in the name of this user then fail.',
    access: 'secrets:write',
    params: z.strictObject({ id: idSchema, instanceId: idSchema }),
    responses: { 204: { description: 'Disconnected', body: null } },
    async handle({ principal, params: { id, instanceId } }) {
      const { username } = await externalUsers.get(principal, id);
      await userConnections.disconnect(principal, username, instanceId);
      return succeedWithoutBody();
    },
  });
}
