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
  flagSchema,
  idSchema,
  textOf,
  timeSchema,
  timestampSchema,
  usernameSchema,
} from '../../platform/request-schemas.ts';
import type { DeleteUser, ExternalUsers } from './external-users.ts';

const sourceSchema = z.enum(['api', 'mcp']).meta({
  description:
    'How the user became known: created in this API, or because credentials were stored or an approval was requested in the name',
});

const userSchema = z
  .object({
    id: z.string(),
    workspaceId: z.string(),
    username: z.string().meta({ description: 'The name in `x-username`; case-sensitive' }),
    source: sourceSchema,
    isActive: z.boolean().meta({ description: 'If `false`, requests in the name of this user are refused' }),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
    lastSeenAt: timestampSchema
      .nullable()
      .meta({ description: 'Last request in the name of this user, to the minute' }),
  })
  .meta({ id: 'ExternalUser' });

const params = z.strictObject({ id: idSchema });
const path = '/api/v1/external-users';
const tag = 'External users';

export function addExternalUserRoutes(
  api: Api<Principal>,
  { externalUsers, deleteUser }: { externalUsers: ExternalUsers; deleteUser: DeleteUser },
): void {
  addRoute(api, {
    method: 'get',
    path,
    operationId: 'listExternalUsers',
    tag,
    summary: 'List the external users in whose names calls are made',
    description:
      'Users are listed once they have something: credentials, a call that was approved, a deactivation, or because they were created.',
    access: 'servers:read',
    query: z.strictObject({
      ...pageQuery,
      q: textOf(200).optional().meta({ description: 'Part of the name' }),
      source: sourceSchema.optional(),
      isActive: flagSchema.optional(),
      from: timeSchema.optional().meta({ description: 'Created at this time or later' }),
      to: timeSchema.optional().meta({ description: 'Created at this time or earlier' }),
      sortBy: z
        .enum(['createdAt', 'lastSeenAt'])
        .default('createdAt')
        .meta({ description: 'Newest first, or whoever was seen last' }),
    }),
    responses: { 200: { description: 'A page of users', body: listOf(userSchema) } },
    async handle({ principal, query: { q, source, isActive, from, to, sortBy, page, limit } }) {
      const request = { q, source, isActive, from, to, sortBy, page, limit };
      return succeedWithPage('External users', request, await externalUsers.list(principal, request));
    },
  });
  addRoute(api, {
    method: 'post',
    path,
    operationId: 'createExternalUser',
    tag,
    summary: 'Create an external user',
    description: 'Required only if the workspace refuses users that it does not know.',
    access: 'servers:write',
    body: z.strictObject({ username: usernameSchema }),
    responses: { 201: { description: 'Created', body: successOf(userSchema) } },
    async handle({ principal, body: { username } }) {
      return succeed(201, 'External user created', await externalUsers.create(principal, username));
    },
  });
  addRoute(api, {
    method: 'get',
    path: `${path}/username/{username}`,
    operationId: 'getExternalUserByName',
    tag,
    summary: 'Get an external user by name',
    access: 'servers:read',
    params: z.strictObject({ username: usernameSchema }),
    responses: { 200: { description: 'The user', body: successOf(userSchema) } },
    async handle({ principal, params: { username } }) {
      return succeed(200, 'External user', await externalUsers.getByName(principal, username));
    },
  });
  addRoute(api, {
    method: 'get',
    path: `${path}/{id}`,
    operationId: 'getExternalUser',
    tag,
    summary: 'Get an external user',
    access: 'servers:read',
    params,
    responses: { 200: { description: 'The user', body: successOf(userSchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'External user', await externalUsers.get(principal, id));
    },
  });
  addRoute(api, {
    method: 'put',
    path: `${path}/{id}/toggle-active`,
    operationId: 'toggleExternalUser',
    tag,
    summary: 'Activate or deactivate an external user',
    description: 'Takes effect at once: requests in the name of a deactivated user get 403, and their streams end.',
    access: 'servers:write',
    params,
    body: activationSchema,
    responses: { 200: { description: 'The user as it is now', body: successOf(userSchema) } },
    async handle({ principal, params: { id }, body: { isActive } }) {
      const user = await externalUsers.toggle(principal, id, isActive);
      return succeed(200, user.isActive ? 'External user activated' : 'External user deactivated', user);
    },
  });
  addRoute(api, {
    method: 'delete',
    path: `${path}/{id}`,
    operationId: 'deleteExternalUser',
    tag,
    summary: 'Delete an external user with everything that belongs to them',
    description:
      'Deletes the credentials and connections of the user, and their name in the call log and in approvals; what waits for approval in it expires, and what was approved ends. The audit log keeps its entries. The name of a user who was deactivated, or whom edges were told of because the workspace refuses or refused unknown users, stays refused, as a digest, until somebody creates the user again. Answers 409 for an agent and for a member. Also requires `secrets:write`.',
    access: 'servers:write',
    params,
    responses: { 204: { description: 'Deleted', body: null } },
    async handle({ principal, params: { id } }) {
      await deleteUser(principal, id);
      return succeedWithoutBody();
    },
  });
}
