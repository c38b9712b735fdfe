import { OpenAPIRegistry, OpenApiGeneratorV31, type ResponseConfig } from '@asteasolutions/zod-to-openapi';
import { errorCodeSchema } from '@toolplane/contracts';
import { z } from 'zod';
import { registerRefusals } from './error-responses.ts';
import { eventStreamSchema } from './event-stream.ts';
import { jsonLinesSchema } from './json-text.ts';
import type { AnyRoute, Input } from './route.ts';

const errorBody = z
  .object({
    success: z.literal(false),
    error: z.object({
      code: errorCodeSchema,
      message: z.string(),
      details: z
        .array(
          z.object({
            path: z.string(),
            message: z.string(),
            suggestions: z.array(z.string()).optional().meta({ description: 'What was probably meant' }),
          }),
        )
        .optional(),
    }),
  })
  .meta({ id: 'Error', description: 'Any failure. `code` is for programs, `message` for people.' });

/** OpenAPI 3.1 from the same schemas that validate the requests, so the two cannot differ. */
export function createOpenApiDocument<Principal>(
  about: { title: string; version: string; description: string },
  routes: AnyRoute<Principal>[],
) {
  const registry = new OpenAPIRegistry();
  const schemes = [
    registry.registerComponent('securitySchemes', 'apiKey', { type: 'apiKey', in: 'header', name: 'x-api-key' }),
    registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' }),
  ];
  const session = registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-toolplane-session',
  });
  const refusalsOf = registerRefusals(registry);
  for (const route of routes) {
    registry.registerPath({
      method: route.method,
      path: route.path,
      operationId: route.operationId,
      tags: [route.tag],
      summary: route.summary,
      description: [route.description, accessText(route.access)].filter(Boolean).join('\n\n'),
      security: schemesOf(route.access).map(({ name }) => ({ [name]: [] })),
      request: {
        ...(route.params && { params: route.params }),
        ...(route.query && { query: route.query }),
        ...(route.headers && { headers: route.headers }),
        ...(route.body && { body: toRequestBody(route.body) }),
      },
      responses: { ...refusalsOf(route), ...declaredResponses(route), default: toResponse('Error', errorBody) },
    });
  }

  function schemesOf(access: string) {
    if (access === 'anyone') return [];
    return access === 'session' ? [session] : [...schemes, session];
  }

  const { title, version, description } = about;
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title, version, description },
  });
}

/** A missing body is read as an empty object. */
function toRequestBody(schema: Input) {
  return { required: !schema.safeParse({}).success, content: { 'application/json': { schema } } };
}

function accessText(access: string): string {
  if (access === 'anyone') return 'Requires no key.';
  if (access === 'session') return 'Requires the session of a person who has signed in.';
  if (access === 'any-key') return 'Requires an API key or a session.';
  return `Requires an API key or a session with the permission \`${access}\`.`;
}

function declaredResponses<Principal>(route: AnyRoute<Principal>): Record<string, ResponseConfig> {
  const entries = Object.entries(route.responses);
  return Object.fromEntries(entries.map(([status, { description, body }]) => [status, toResponse(description, body)]));
}

function toResponse(description: string, body: z.ZodType | null): ResponseConfig {
  if (body === null) return { description };
  return { description, content: { [typeOf(body)]: { schema: body } } };
}

function typeOf(body: z.ZodType): string {
  if (body === eventStreamSchema) return 'text/event-stream';
  return body === jsonLinesSchema ? 'application/x-ndjson' : 'application/json';
}
