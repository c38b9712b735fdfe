import { type Api, addRoute, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import { workspaceSchema } from '../../identity/workspaces/routes.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { displayNameSchema, timestampSchema } from '../../platform/request-schemas.ts';
import { shownApiKeySchema } from '../api-keys/routes.ts';
import type { Organizations } from './organizations.ts';

const organizationSchema = z
  .object({ id: z.string(), name: z.string(), createdAt: timestampSchema })
  .meta({ id: 'Organization' });

export function addOrganizationRoutes(api: Api<Principal>, organizations: Organizations): void {
  addRoute(api, {
    method: 'post',
    path: '/api/v1/organizations',
    operationId: 'createOrganization',
    tag: 'Organizations',
    summary: 'Create an organization with its first workspace and key',
    access: 'organizations:write',
    body: z.strictObject({ name: displayNameSchema, workspaceName: displayNameSchema.default('default') }),
    responses: {
      201: {
        description: 'Created. The key is shown only now',
        body: successOf(
          z.object({ organization: organizationSchema, workspace: workspaceSchema, apiKey: shownApiKeySchema }),
        ),
      },
    },
    async handle({ body }) {
      return succeed(201, 'Organization created', await organizations.create(body));
    },
  });
}
