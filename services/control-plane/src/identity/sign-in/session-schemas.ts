import { permissionSchema, roleSchema } from '@toolplane/contracts';
import { z } from 'zod';
import { timestampSchema } from '../../platform/request-schemas.ts';

export const signedInSchema = z
  .object({
    next: z.enum(['done', 'second_factor']),
    csrfToken: z.string(),
  })
  .meta({ id: 'SignedIn' });

const placeSchema = z
  .object({
    workspaceId: z.string(),
    workspaceName: z.string(),
    organizationId: z.string(),
    organizationName: z.string(),
    roles: z.object({ organization: roleSchema.optional(), workspace: roleSchema.optional() }),
    permissions: z.array(permissionSchema),
  })
  .meta({ id: 'Place', description: "A workspace and the person's role in it" });

export const sessionSchema = z
  .object({
    id: z.string(),
    person: z.object({ id: z.string(), email: z.string(), name: z.string() }),
    csrfToken: z.string(),
    workspaces: z.array(placeSchema),
  })
  .meta({ id: 'Session' });

export const shownSessionSchema = z
  .object({
    id: z.string(),
    address: z.string(),
    userAgent: z.string(),
    createdAt: timestampSchema,
    lastSeenAt: timestampSchema,
    expiresAt: timestampSchema,
    isThisOne: z.boolean(),
  })
  .meta({ id: 'ShownSession' });
