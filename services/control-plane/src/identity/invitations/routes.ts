import { roleSchema } from '@toolplane/contracts';
import {
  type Api,
  addOpenRoute,
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
import { displayNameSchema, idSchema, timestampSchema } from '../../platform/request-schemas.ts';
import { scopeSchema } from '../members/routes.ts';
import { emailSchema } from '../people/email.ts';
import { passwordSchema } from '../people/passwords.ts';
import { signedInSchema } from '../sign-in/session-schemas.ts';
import type { Sessions } from '../sign-in/sessions.ts';
import type { Invitations } from './invitations.ts';

const invitationSchema = z
  .object({
    id: z.string(),
    organizationId: z.string(),
    workspaceId: z.string().nullable().meta({ description: '`null`: an invitation to the whole organization' }),
    role: roleSchema,
    email: z
      .string()
      .nullable()
      .meta({ description: 'The only address that may accept it; `null`: anybody with the link' }),
    invitedBy: z.string().meta({ description: 'Id of the person or the key' }),
    createdAt: timestampSchema,
    expiresAt: timestampSchema,
  })
  .meta({ id: 'Invitation' });

const tokenSchema = z.string().regex(/^[\w-]{43}$/, 'must be the end of an invitation link');
const params = z.strictObject({ id: idSchema });
const about = { tag: 'Members' } as const;
const kept = { ...about, access: 'members:write' } as const;

type Domains = { invitations: Invitations; sessions: Sessions };

export function addInvitationRoutes(api: Api<Principal>, { invitations, sessions }: Domains): void {
  addRoute(api, {
    ...kept,
    method: 'post',
    path: '/api/v1/invitations',
    operationId: 'createInvitation',
    summary: 'Invite somebody',
    description:
      'Nothing is sent: pass on the link yourself. It is shown once, works once and is valid for seven days.',
    body: z.strictObject({ scope: scopeSchema, role: roleSchema, email: emailSchema.optional() }),
    responses: {
      201: { description: 'Created', body: successOf(invitationSchema.extend({ link: z.string() })) },
    },
    async handle({ principal, body }) {
      return succeed(201, 'Invitation created; its link is shown only now', await invitations.create(principal, body));
    },
  });
  addRoute(api, {
    ...kept,
    method: 'get',
    path: '/api/v1/invitations',
    operationId: 'listInvitations',
    summary: 'List invitations that can be used',
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of invitations, newest first', body: listOf(invitationSchema) } },
    async handle({ principal, query }) {
      return succeedWithPage('Invitations', query, await invitations.list(principal, query));
    },
  });
  addRoute(api, {
    ...kept,
    method: 'get',
    path: '/api/v1/invitations/{id}',
    operationId: 'getInvitation',
    summary: 'Get an invitation that can be used',
    params,
    responses: { 200: { description: 'The invitation', body: successOf(invitationSchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'Invitation', await invitations.get(principal, id));
    },
  });
  addRoute(api, {
    ...kept,
    method: 'delete',
    path: '/api/v1/invitations/{id}',
    operationId: 'withdrawInvitation',
    summary: 'Withdraw an invitation',
    params,
    responses: { 204: { description: 'Withdrawn', body: null } },
    async handle({ principal, params: { id } }) {
      await invitations.withdraw(principal, id);
      return succeedWithoutBody();
    },
  });
  addOpenRoute(api, {
    ...about,
    method: 'post',
    path: '/api/v1/invitations/accept',
    operationId: 'acceptInvitationAsNewcomer',
    summary: 'Accept an invitation and create an account',
    access: 'anyone',
    async admit(req) {
      sessions.refuseOtherSites(req);
      return sessions.originOf(req);
    },
    body: z.strictObject({ token: tokenSchema, name: displayNameSchema, email: emailSchema, password: passwordSchema }),
    responses: { 200: { description: 'Accepted and signed in', body: successOf(signedInSchema) } },
    async handle({ visitor, body }) {
      const { setCookie, csrfToken } = await invitations.acceptAsNewcomer(body, visitor);
      return { ...succeed(200, 'Welcome', { next: 'done' as const, csrfToken }), headers: { 'set-cookie': setCookie } };
    },
  });
  addOpenRoute(api, {
    ...about,
    method: 'post',
    path: '/api/v1/session/invitations',
    operationId: 'acceptInvitation',
    summary: 'Accept an invitation as the signed-in person',
    access: 'session',
    admit: async (req) => ({ session: await sessions.admit(req), origin: sessions.originOf(req) }),
    body: z.strictObject({ token: tokenSchema }),
    responses: { 204: { description: 'Accepted', body: null } },
    async handle({ visitor, body }) {
      await invitations.accept(body.token, visitor.session, visitor.origin);
      return succeedWithoutBody();
    },
  });
}
