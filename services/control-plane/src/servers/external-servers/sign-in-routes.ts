import { type Api, addRoute, succeed, succeedWithoutBody, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema, textOf, timestampSchema } from '../../platform/request-schemas.ts';
import { serversTag, twins } from '../server-answers.ts';
import type { ExternalSignIns } from './sign-ins.ts';

const startedSchema = z
  .object({
    authorizationUrl: z.url().meta({ description: 'Where a person signs in' }),
    expiresAt: timestampSchema,
  })
  .meta({ id: 'ExternalSignIn' });

/** The form of a scope (RFC 6749, section 3.3). */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

const bodySchema = z.strictObject({
  client: z
    .strictObject({
      id: textOf(512).min(1),
      secret: z
        .strictObject({ sealed: z.string().min(1).max(131_072) })
        .optional()
        .meta({ description: 'Sealed like a secret, with the host of the token endpoint (`secrets:write`)' }),
    })
    .optional()
    .meta({
      description:
        'A client that was registered by hand. If left out: the client of the last sign-in, otherwise the metadata document ' +
        'of the platform, otherwise the platform registers a client',
    }),
  scopes: z
    .array(z.string().regex(SCOPE, 'must be a scope'))
    .max(100)
    .default([])
    .meta({ description: 'Scopes in addition to those for which the external server asks' }),
});

export function addExternalSignInRoutes(
  api: Api<Principal>,
  { externalSignIns }: { externalSignIns: ExternalSignIns },
): void {
  const params = z.strictObject({ id: idSchema, name: textOf(64) });
  for (const { base, suffix } of twins) {
    const path = `${base}/{id}/external/{name}/sign-in`;
    addRoute(api, {
      method: 'post',
      path,
      operationId: `startExternalSignIn${suffix}`,
      tag: serversTag,
      summary: 'Start the sign-in of the platform to an external MCP server',
      description:
        'OAuth 2.1 as in MCP, for all callers of its tools. The address is valid for 15 minutes and one sign-in.',
      access: 'servers:write',
      params,
      body: bodySchema,
      responses: { 201: { description: 'To be opened in a browser', body: successOf(startedSchema) } },
      async handle({ principal, params: { id, name }, body }) {
        const { client, scopes } = body;
        const request = {
          client: client === undefined ? undefined : { id: client.id, sealedSecret: client.secret?.sealed },
          scopes,
        };
        return succeed(201, 'Sign-in started', await externalSignIns.start(principal, id, name, request));
      },
    });
    addRoute(api, {
      method: 'delete',
      path,
      operationId: `deleteExternalSignIn${suffix}`,
      tag: serversTag,
      summary: 'Sign the platform out of an external MCP server',
      description: 'The platform deletes its tokens, and calls carry none. The authorization server is not notified.',
      access: 'servers:write',
      params,
      responses: { 204: { description: 'Signed out', body: null } },
      async handle({ principal, params: { id, name } }) {
        await externalSignIns.signOut(principal, id, name);
        return succeedWithoutBody();
      },
    });
  }
}
