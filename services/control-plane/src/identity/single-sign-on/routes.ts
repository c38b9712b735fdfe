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
import { createCookie } from '../../platform/pages/cookie.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema, timestampSchema } from '../../platform/request-schemas.ts';
import { emailSchema } from '../people/email.ts';
import { readReturnTo } from '../sign-in/return-to.ts';
import type { Sessions } from '../sign-in/sessions.ts';
import type { SsoConnection, SsoConnections } from './connections.ts';
import { type SingleSignOn, SSO_SECONDS } from './single-sign-on.ts';

const issuerSchema = z
  .string()
  .max(500)
  .refine(isIssuer, 'must be an https URL (or http in a local mode) without query, fragment or credentials');

function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return !/[?#\s]/.test(text) && url.username === '' && url.password === '';
}

const domainSchema = z
  .string()
  .max(253)
  .transform((text) => text.toLowerCase())
  .pipe(z.string().regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/, 'must be a domain'));
const domainsSchema = z
  .array(domainSchema)
  .min(1)
  .max(20)
  .transform((domains) => [...new Set(domains)])
  .meta({ description: 'Domains of the e-mail addresses for which the issuer may vouch' });
/** Without `owner`, because an issuer must not appoint owners. */
const defaultRoleSchema = roleSchema.exclude(['owner']).meta({ description: 'Role of new members' });
const isEnforcedSchema = z
  .boolean()
  .meta({ description: 'Members with an address in these domains cannot use a password, except for owners' });
const clientIdSchema = z.string().min(1).max(500);
const sealedSchema = z
  .string()
  .min(1)
  .max(131_072)
  .meta({ description: 'The client secret, sealed for the host of the token endpoint' });

const connectionSchema = z
  .object({
    id: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    hasSecret: z.boolean(),
    domains: z.array(z.string()),
    defaultRole: defaultRoleSchema,
    isEnforced: z.boolean(),
    createdAt: timestampSchema,
  })
  .meta({ id: 'SsoConnection' });

const params = z.strictObject({ id: idSchema });
const kept = { tag: 'Single sign-on', access: 'organization:write' } as const;
const about = { tag: 'Sign-in', access: 'anyone' } as const;

type Domains = { ssoConnections: SsoConnections; singleSignOn: SingleSignOn; sessions: Sessions };

export function addSingleSignOnRoutes(
  api: Api<Principal>,
  { ssoConnections, singleSignOn, sessions, publicUrl }: Domains & { publicUrl: string },
): void {
  const cookie = createSignOnCookie(publicUrl);
  addRoute(api, {
    ...kept,
    method: 'get',
    path: '/api/v1/sso-connections',
    operationId: 'listSsoConnections',
    summary: 'List the issuers with which people sign in',
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of connections, oldest first', body: listOf(connectionSchema) } },
    async handle({ principal, query }) {
      const { items, total } = await ssoConnections.list(principal, query);
      return succeedWithPage('Connections', query, { items: items.map(toShown), total });
    },
  });
  addRoute(api, {
    ...kept,
    method: 'post',
    path: '/api/v1/sso-connections',
    operationId: 'createSsoConnection',
    summary: 'Let people sign in with an OpenID Connect issuer',
    description: 'A domain belongs to one connection. The egress rules of this workspace apply to its requests.',
    body: z.strictObject({
      issuer: issuerSchema,
      clientId: clientIdSchema,
      sealed: sealedSchema.optional(),
      domains: domainsSchema,
      defaultRole: defaultRoleSchema.default('viewer'),
      isEnforced: isEnforcedSchema.default(false),
    }),
    responses: { 201: { description: 'Created', body: successOf(connectionSchema) } },
    async handle({ principal, body }) {
      return succeed(201, 'Connection created', toShown(await ssoConnections.create(principal, body)));
    },
  });
  addRoute(api, {
    ...kept,
    method: 'get',
    path: '/api/v1/sso-connections/{id}',
    operationId: 'getSsoConnection',
    summary: 'Get an issuer with which people sign in',
    params,
    responses: { 200: { description: 'Never its secret', body: successOf(connectionSchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'Connection', toShown(await ssoConnections.get(principal, id)));
    },
  });
  addRoute(api, {
    ...kept,
    method: 'patch',
    path: '/api/v1/sso-connections/{id}',
    operationId: 'changeSsoConnection',
    summary: 'Change how people sign in with an issuer',
    params,
    body: z.strictObject({
      clientId: clientIdSchema.optional(),
      sealed: sealedSchema.optional(),
      domains: domainsSchema.optional(),
      defaultRole: defaultRoleSchema.optional(),
      isEnforced: isEnforcedSchema.optional(),
    }),
    responses: { 200: { description: 'Changed', body: successOf(connectionSchema) } },
    async handle({ principal, params: { id }, body }) {
      return succeed(200, 'Connection changed', toShown(await ssoConnections.change(principal, id, body)));
    },
  });
  addRoute(api, {
    ...kept,
    method: 'delete',
    path: '/api/v1/sso-connections/{id}',
    operationId: 'deleteSsoConnection',
    summary: 'Stop people from signing in with an issuer',
    description: 'People who did so stay members, and their sessions continue until they end.',
    params,
    responses: { 204: { description: 'Deleted', body: null } },
    async handle({ principal, params: { id } }) {
      await ssoConnections.remove(principal, id);
      return succeedWithoutBody();
    },
  });
  addOpenRoute(api, {
    ...about,
    method: 'get',
    path: '/api/v1/sign-in/sso',
    operationId: 'findSingleSignOn',
    summary: 'Find out whether people of a domain sign in with an issuer',
    admit: async () => undefined,
    query: z.strictObject({ domain: domainSchema }),
    responses: {
      200: {
        description: '`null`: they do not',
        body: successOf(z.object({ issuerHost: z.string(), isEnforced: z.boolean() }).nullable()),
      },
    },
    async handle({ query }) {
      return succeed(200, 'Single sign-on', (await singleSignOn.find(query.domain)) ?? null);
    },
  });
  addOpenRoute(api, {
    ...about,
    method: 'post',
    path: '/api/v1/sign-in/sso',
    operationId: 'startSingleSignOn',
    summary: 'Begin to sign in with an issuer',
    description: 'The sign-in must be completed in this browser within ten minutes.',
    async admit(req) {
      sessions.refuseOtherSites(req);
      return sessions.originOf(req);
    },
    body: z.strictObject({
      email: emailSchema,
      returnTo: z
        .string()
        .default('/account')
        .refine((text) => readReturnTo(text) !== undefined, 'must be a path of this host'),
    }),
    responses: {
      200: { description: 'Where to sign in', body: successOf(z.object({ authorizationUrl: z.string() })) },
    },
    async handle({ visitor, body }) {
      const { authorizationUrl, browser } = await singleSignOn.start(body, visitor);
      const headers = { 'set-cookie': cookie.set(browser) };
      return { ...succeed(200, 'Sign in there', { authorizationUrl }), headers };
    },
  });
}

/** Binds a sign-in to the browser in which it was started. */
export function createSignOnCookie(publicUrl: string) {
  const isSecure = publicUrl.startsWith('https:');
  return createCookie({ name: 'toolplane-sign-on', maxAgeSeconds: SSO_SECONDS, isSecure });
}

function toShown({ id, issuer, clientId, secretVersion, domains, defaultRole, isEnforced, createdAt }: SsoConnection) {
  const hasSecret = secretVersion > 0;
  // The value was validated by the same schema when it was stored.
  const role = defaultRoleSchema.parse(defaultRole);
  return { id, issuer, clientId, hasSecret, domains, defaultRole: role, isEnforced, createdAt };
}
