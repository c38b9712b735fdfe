import { credentialScopes } from '@toolplane/contracts';
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
import { idSchema, textOf, timestampSchema } from '../../platform/request-schemas.ts';
import type { Authorizations } from './authorizations.ts';
import type { ConnectorCredentials } from './connector-credentials.ts';
import type { ListedCredential } from './store.ts';
import { subjectSchema } from './subject-schema.ts';

const scopeSchema = z.enum(credentialScopes);

const credentialFields = {
  scope: scopeSchema,
  subject: z.string().nullable().meta({ description: 'The workspace, user or agent; null for the organization' }),
  auth_type: z.string(),
  version: z.int(),
  hosts: z.array(z.string()).meta({ description: 'Hosts to which they may be sent' }),
  fields: z.array(z.string()).meta({ description: 'Keys of the fields that have a value' }),
  is_usable: z.boolean().meta({ description: 'False while a person must sign in before they can be used' }),
  created_at: timestampSchema,
  updated_at: timestampSchema,
  replaced_at: timestampSchema.nullable().meta({ description: 'When these replaced other ones that worked' }),
  replaced_by: z.string().nullable().meta({ description: 'Who had that done: id of a key, agent, person or user' }),
};
const credentialSchema = z.object(credentialFields).meta({
  id: 'ConnectorCredential',
  description: 'Everything that can be read about credentials: their values stay in the data plane',
});
const storedSchema = z
  .object({
    ...credentialFields,
    warnings: z.array(z.string()).meta({
      description: 'Hosts that tools call but for which the credentials were not sealed',
    }),
  })
  .meta({ id: 'StoredConnectorCredential' });

const scopeFields = {
  scope: scopeSchema,
  subject: subjectSchema.optional().meta({
    description:
      'Required for a user (the name in `x-username`) and an agent (the id of its API key); for a workspace, its own id',
  }),
};
const authorizationSchema = z
  .object({
    authorization_url: z.url().meta({ description: 'Where the person signs in' }),
    expires_at: timestampSchema,
  })
  .meta({ id: 'ConnectorAuthorization' });

const base = '/api/v1/connector-instances/{id}';
const params = z.strictObject({ id: idSchema });
const tag = 'Connector credentials';

export function addCredentialRoutes(
  api: Api<Principal>,
  { credentials, authorizations }: { credentials: ConnectorCredentials; authorizations: Authorizations },
): void {
  addRoute(api, {
    method: 'get',
    path: `${base}/credentials`,
    operationId: 'listCredentials',
    tag,
    summary: 'List the credentials of a connector instance',
    access: 'servers:read',
    params,
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of credentials, by scope and subject', body: listOf(credentialSchema) } },
    async handle({ principal, params: { id }, query }) {
      const { items, total } = await credentials.list(principal, id, query);
      return succeedWithPage('Credentials', query, { items: items.map(toAnswer), total });
    },
  });
  addRoute(api, {
    method: 'put',
    path: `${base}/credentials`,
    operationId: 'putCredentials',
    tag,
    summary: 'Store sealed credentials',
    description:
      'The sealed text is a compact JWE of `{value: {field: value}, hosts}` for the sealing key. Credentials of the ' +
      'organization also require the permission `connectors:write`.',
    access: 'secrets:write',
    params,
    body: z.strictObject({
      ...scopeFields,
      auth_type: textOf(100).min(1).meta({ description: 'Id of an authentication of the connector' }),
      sealed: z.string().min(1).max(131_072),
    }),
    responses: { 200: { description: 'Stored', body: successOf(storedSchema) } },
    async handle({ principal, params: { id }, body: { auth_type, ...rest } }) {
      const { warnings, ...stored } = await credentials.put(principal, id, { ...rest, authType: auth_type });
      return succeed(200, 'Credentials stored', { ...toAnswer(stored), warnings });
    },
  });
  addRoute(api, {
    method: 'delete',
    path: `${base}/credentials/{scope}`,
    operationId: 'deleteCredentials',
    tag,
    summary: 'Delete the credentials of a scope',
    access: 'secrets:write',
    params: z.strictObject({ id: idSchema, scope: scopeSchema }),
    query: z.strictObject({ subject: scopeFields.subject }),
    responses: { 204: { description: 'Deleted', body: null } },
    async handle({ principal, params: { id, scope }, query: { subject } }) {
      await credentials.remove(principal, id, { scope, subject });
      return succeedWithoutBody();
    },
  });
  addRoute(api, {
    method: 'post',
    path: `${base}/authorizations`,
    operationId: 'startAuthorization',
    tag,
    summary: 'Let a person sign in',
    description: 'OAuth 2.0 authorization code with PKCE. The address is valid for 15 minutes and one sign-in.',
    access: 'secrets:write',
    params,
    body: z.strictObject(scopeFields),
    responses: { 201: { description: 'To be opened in a browser', body: successOf(authorizationSchema) } },
    async handle({ principal, params: { id }, body }) {
      const { authorizationUrl, expiresAt } = await authorizations.start(principal, id, body);
      const answer = { authorization_url: authorizationUrl, expires_at: expiresAt };
      return succeed(201, 'Sign-in started', answer);
    },
  });
}

function toAnswer({
  authType,
  isUsable,
  createdAt,
  updatedAt,
  replacedAt,
  replacedBy,
  ...credential
}: ListedCredential) {
  return {
    ...credential,
    auth_type: authType,
    is_usable: isUsable,
    created_at: createdAt,
    updated_at: updatedAt,
    replaced_at: replacedAt,
    replaced_by: replacedBy,
  };
}
