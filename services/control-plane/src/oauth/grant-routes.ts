import {
  type Api,
  addOpenRoute,
  listOf,
  pageQuery,
  succeedWithoutBody,
  succeedWithPage,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Sessions } from '../identity/sign-in/sessions.ts';
import type { Principal } from '../platform/principals/principal.ts';
import { idSchema, timestampSchema } from '../platform/request-schemas.ts';
import type { Grants } from './grants.ts';

const grantSchema = z
  .object({
    id: z.string(),
    client: z.object({
      id: z.string(),
      name: z.string().nullable().meta({ description: 'The name that the client gives itself' }),
    }),
    server: z.object({ id: z.string(), slug: z.string() }),
    workspace: z.object({ id: z.string(), name: z.string() }),
    scopes: z.array(z.string()),
    createdAt: timestampSchema,
    expiresAt: timestampSchema,
    lastUsedAt: timestampSchema.nullable().meta({ description: 'When a token was last issued for this grant' }),
  })
  .meta({ id: 'Grant' });

const tag = 'Grants';
const path = '/api/v1/grants';

/** Routes for what the signed-in person allows clients to do. */
export function addGrantRoutes(
  api: Api<Principal>,
  { grants, sessions }: { grants: Grants; sessions: Pick<Sessions, 'admit'> },
): void {
  const common = {
    tag,
    access: 'session',
    admit: (req: Parameters<Sessions['admit']>[0]) => sessions.admit(req),
  } as const;
  addOpenRoute(api, {
    ...common,
    method: 'get',
    path,
    operationId: 'listGrants',
    summary: 'List what clients may do at servers in your name',
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of grants, newest first', body: listOf(grantSchema) } },
    async handle({ visitor, query }) {
      return succeedWithPage('Grants', query, await grants.list(visitor.person.id, query));
    },
  });
  addOpenRoute(api, {
    ...common,
    method: 'delete',
    path: `${path}/{id}`,
    operationId: 'revokeGrant',
    summary: "Revoke a client's grant",
    description: 'Its refresh tokens end at once, and its access tokens within ten minutes.',
    params: z.strictObject({ id: idSchema }),
    responses: { 204: { description: 'Revoked', body: null } },
    async handle({ visitor, params: { id } }) {
      await grants.revoke(visitor.person.id, id);
      return succeedWithoutBody();
    },
  });
}
