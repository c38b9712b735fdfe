import {
  type ConnectionAuthentication,
  type ConnectionChain,
  type ConnectionToken,
  type CredentialField,
  definedOnly,
  type PlanConnection,
  type PlanRequest,
  type UrlTemplate,
} from '@toolplane/contracts';
import { parsePicked } from '@toolplane/expressions';
import type { Authentication, ChainRequest, CredentialChain } from '../descriptor/authentication-schema.ts';
import type { Connector } from '../descriptor/connector-schema.ts';
import { idOf, isOauth, isPublic, type OauthAuthentication } from '../descriptor/credential-fields.ts';
import type { CredentialTemplates } from '../descriptor/credential-templates.ts';
import type { ConnectorField } from '../descriptor/field-schema.ts';
import { neededCredentials } from '../descriptor/needed-credentials.ts';
import { fillConfiguration, fillFixedUrl, type InstanceConfiguration } from './fill-configuration.ts';
import { toTemplates } from './to-request.ts';
import { secretPath, toTemplate, toValueTemplate } from './to-template.ts';

type Instance = { ownerId: string; instanceId: string; configuration: InstanceConfiguration };

type Signing = { authentication: Authentication | undefined; credentials: CredentialTemplates };

/** Returns what the requests of a plan need to be signed in, limited to what they use. Throws `ConfigurationError`. */
export function toConnection(
  connector: Connector,
  { ownerId, instanceId, configuration }: Instance,
  { authentication, credentials }: Signing,
): PlanConnection {
  const isSignedIn = authentication !== undefined && authentication.type !== 'none';
  return {
    ownerId,
    instanceId,
    connector: connector.metadata.slug,
    ...(isSignedIn
      ? { authentication: toAuthentication(connector, authentication, { credentials, configuration }) }
      : {}),
  };
}

function toAuthentication(
  connector: Connector,
  authentication: Authentication,
  { credentials, configuration }: { credentials: CredentialTemplates; configuration: InstanceConfiguration },
): ConnectionAuthentication {
  const { fields, basic, chains, hasToken, ownToken } = neededCredentials(connector, authentication, credentials);
  return {
    id: idOf(authentication),
    fields: fields.map(toField),
    ...definedOnly({
      basic,
      token: hasToken && isOauth(authentication) ? toToken(authentication, configuration) : undefined,
      chains: chains.length === 0 ? undefined : chains.map((chain) => toChain(chain, configuration)),
      ownToken,
    }),
  };
}

function toField(field: ConnectorField): CredentialField {
  const { key, secret, required, default_value: value } = field;
  const fallback = value === undefined || secret ? {} : { default: String(value) };
  return { key, isSecret: !isPublic(field), isRequired: required, ...fallback };
}

const GRANTS = {
  oauth2_client_credentials: 'client_credentials',
  oauth2_authorization_code: 'authorization_code',
  oauth2_token_exchange: 'token_exchange',
} as const;

function toToken(authentication: OauthAuthentication, configuration: InstanceConfiguration): ConnectionToken {
  const { type, token_url: url, scopes, client_auth: clientAuth } = authentication;
  return {
    grant: GRANTS[type],
    tokenUrl: fillFixedUrl(url, configuration),
    scopes,
    clientAuth,
    ...(type === 'oauth2_token_exchange' ? { exchange: toExchange(authentication) } : {}),
  };
}

function toExchange({
  audience,
  resource,
  subject_token_type: subjectTokenType,
}: Extract<Authentication, { type: 'oauth2_token_exchange' }>): NonNullable<ConnectionToken['exchange']> {
  return { subjectTokenType, ...definedOnly({ audience, resource }) };
}

function toChain(
  { id, steps, ttl_seconds: ttl }: CredentialChain,
  configuration: InstanceConfiguration,
): ConnectionChain {
  return {
    id,
    ttlMs: ttl * 1000,
    steps: steps.map(({ request, extract }) => ({
      request: toChainRequest(request, configuration),
      extract: Object.entries(extract).map(([name, text]) => [name, parsePicked(text, ['response', 'body'])]),
    })),
  };
}

function toChainRequest(request: ChainRequest, configuration: InstanceConfiguration): PlanRequest {
  const { method, url, headers = {}, query = {}, body, body_encoding: encoding } = request;
  const own = toTemplates(Object.entries(headers));
  const common = { method, url: toUrl(url, configuration), headers: own, query: toTemplates(Object.entries(query)) };
  if (body === undefined) return common;
  if (typeof body !== 'string') return { ...common, body: toValueTemplate(body), bodyType: encoding };
  if (encoding === 'form') return { ...common, body: toTemplate(body, 'form'), bodyType: 'form' };
  const isTyped = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  const type: PlanRequest['headers'] = isTyped
    ? []
    : [['content-type', { kind: 'literal', value: 'application/json' }]];
  return { ...common, headers: [...type, ...own], body: toTemplate(body), bodyType: 'text' };
}

function toUrl(text: string, configuration: InstanceConfiguration): UrlTemplate {
  const parts = fillConfiguration(text, configuration);
  return {
    kind: 'parts',
    parts: parts.map((part) => (typeof part === 'string' ? part : { path: secretPath(part.key), where: part.where })),
  };
}
