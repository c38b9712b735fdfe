import {
  type Api,
  addRoute,
  listOf,
  pageQuery,
  succeed,
  succeedWithPage,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import { displayNameSchema, idSchema, timestampSchema } from '../../platform/request-schemas.ts';
import type { Workspaces } from './workspaces.ts';

const unknownUsersSchema = z.enum(['create', 'refuse']).meta({
  description: 'How an unknown `x-username` is handled: as a new external user, or with 404',
});

export const workspaceSchema = z
  .object({
    id: z.string(),
    organizationId: z.string(),
    name: z.string(),
    unknownUsers: unknownUsersSchema,
    createdAt: timestampSchema,
  })
  .meta({ id: 'Workspace' });

const params = z.strictObject({ id: idSchema });

export function addWorkspaceRoutes(api: Api<Principal>, workspaces: Workspaces): void {
  addRoute(api, {
    method: 'get',
    path: '/api/v1/workspaces',
    operationId: 'listWorkspaces',
    tag: 'Workspaces',
    summary: 'List workspaces',
    description: "The key's own workspace; with the permission `workspaces:write`, all workspaces of its organization.",
    access: 'any-key',
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of workspaces, oldest first', body: listOf(workspaceSchema) } },
    async handle({ principal, query }) {
      return succeedWithPage('Workspaces', query, await workspaces.list(principal, query));
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/api/v1/workspaces',
    operationId: 'createWorkspace',
    tag: 'Workspaces',
    summary: 'Create a workspace in your organization',
    access: 'workspaces:write',
    body: z.strictObject({ name: displayNameSchema }),
    responses: { 201: { description: 'Created', body: successOf(workspaceSchema) } },
    async handle({ principal, body }) {
      return succeed(201, 'Workspace created', await workspaces.create(principal, body.name));
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/api/v1/workspaces/{id}',
    operationId: 'getWorkspace',
    tag: 'Workspaces',
    summary: 'Get a workspace',
    description: "The key's own workspace; with the permission `workspaces:write`, any workspace of its organization.",
    access: 'any-key',
    params,
    responses: { 200: { description: 'The workspace', body: successOf(workspaceSchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'Workspace', await workspaces.get(principal, id));
    },
  });
  addRoute(api, {
    method: 'patch',
    path: '/api/v1/workspaces/{id}',
    operationId: 'changeWorkspace',
    tag: 'Workspaces',
    summary: 'Change a workspace of your organization',
    description: 'Fields that are left out stay as they are.',
    access: 'workspaces:write',
    params,
    body: z.strictObject({ unknownUsers: unknownUsersSchema.optional() }),
    responses: { 200: { description: 'Changed', body: successOf(workspaceSchema) } },
    async handle({ principal, params: { id }, body }) {
      return succeed(200, 'Workspace changed', await workspaces.change(principal, id, body));
    },
  });
}
