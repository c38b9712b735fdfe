import { roleSchema } from '@toolplane/contracts';
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
import { idSchema, timestampSchema } from '../../platform/request-schemas.ts';
import type { Members } from './members.ts';

export const scopeSchema = z
  .enum(['organization', 'workspace'])
  .meta({ description: 'Role in the whole organization, which requires `workspaces:write`, or in this workspace' });

const memberSchema = z
  .object({
    personId: z.string(),
    email: z.string(),
    name: z.string(),
    workspaceId: z.string().nullable().meta({ description: '`null`: member of the whole organization' }),
    role: roleSchema,
    createdAt: timestampSchema,
    lastSignInAt: timestampSchema.nullable(),
  })
  .meta({ id: 'Member' });

const memberRolesSchema = z
  .object({
    personId: z.string(),
    email: z.string(),
    name: z.string(),
    roles: z.object({ organization: roleSchema.optional(), workspace: roleSchema.optional() }),
  })
  .meta({ id: 'MemberRoles' });

const params = z.strictObject({ personId: idSchema });
const about = { tag: 'Members', access: 'members:write' } as const;

export function addMemberRoutes(api: Api<Principal>, { members }: { members: Members }): void {
  addRoute(api, {
    ...about,
    method: 'get',
    path: '/api/v1/members',
    operationId: 'listMembers',
    summary: 'List the members',
    description: 'For a workspace: its members and those of the whole organization.',
    query: z.strictObject({ scope: scopeSchema.default('workspace'), ...pageQuery }),
    responses: { 200: { description: 'A page of members, oldest first', body: listOf(memberSchema) } },
    async handle({ principal, query }) {
      return succeedWithPage('Members', query, await members.list(principal, query));
    },
  });
  addRoute(api, {
    ...about,
    method: 'get',
    path: '/api/v1/members/{personId}',
    operationId: 'getMember',
    summary: 'Get the roles of a member in the organization and in this workspace',
    params,
    responses: { 200: { description: 'The member', body: successOf(memberRolesSchema) } },
    async handle({ principal, params: { personId } }) {
      return succeed(200, 'Member', await members.get(principal, personId));
    },
  });
  addRoute(api, {
    ...about,
    method: 'patch',
    path: '/api/v1/members/{personId}',
    operationId: 'changeMember',
    summary: 'Change the role of a member',
    params,
    body: z.strictObject({ scope: scopeSchema, role: roleSchema }),
    responses: { 200: { description: 'Changed', body: successOf(memberSchema) } },
    async handle({ principal, params: { personId }, body }) {
      return succeed(200, 'Member changed', await members.change(principal, personId, body));
    },
  });
  addRoute(api, {
    ...about,
    method: 'delete',
    path: '/api/v1/members/{personId}',
    operationId: 'removeMember',
    summary: 'Remove a member',
    description: 'Immediately ends what their sessions could do here, and the invitations that they created.',
    params,
    query: z.strictObject({ scope: scopeSchema }),
    responses: { 204: { description: 'Removed', body: null } },
    async handle({ principal, params: { personId }, query }) {
      await members.remove(principal, personId, query.scope);
      return succeedWithoutBody();
    },
  });
}
