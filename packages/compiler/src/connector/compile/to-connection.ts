import type {
  ConnectionAuthentication,
  ConnectionChain,
  CredentialField,
  PlanConnection,
  PlanRequest,
  UrlTemplate,
} from '@toolplane/contracts';
import { parsePicked } from '@toolplane/expressions';
import type { Authentication, ChainRequest, CredentialChain } from '../descriptor/authentication-schema.ts';
import type { Connector } from '../descriptor/connector-schema.ts';
import { basicKeys, credentialFields, idOf, isOauth } from '../descriptor/credential-fields.ts';
import { type CredentialTemplates, chainsOf, keysIn } from '../descriptor/credential-templates.ts';
import type { Field } from '../descriptor/field-schema.ts';
import { type Configuration, fillConfiguration, fillFixedUrl } from './fill-configuration.ts';
import { toTemplates } from './to-request.ts';
import { secretPath, toTemplate, toValueTemplate } from './to-template.ts';

type Instance = { ownerId: string; instanceId: string; configuration: Configuration };

type Signing = { authentication: Authentication | undefined; credentials: CredentialTemplates };

/** What the requests of a plan need to be signed in: no more than they use. Throws `ConfigurationError`. */
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
  { credentials, configuration }: { credentials: CredentialTemplates; configuration: Configuration },
): ConnectionAuthentication {
  const inRequests = new Set(keysIn([...credentials.headers, ...credentials.query].map(([, text]) => text)));
  const chains = chainsOf(connector, authentication).filter(({ steps }) => {
    return steps.some(({ extract }) => Object.keys(extract).some((name) => inRequests.has(`chain.${name}`)));
  });
  const used = new Set([...inRequests, ...chains.flatMap(keysOfChain)]);
  const basic = used.has('basic') ? basicKeys(authentication) : undefined;
  const hasToken = isOauth(authentication) && used.has('access_token');
  const implied = [...(basic === undefined ? [] : Object.values(basic)), ...(hasToken ? CLIENT : [])];
  const fields = credentialFields(authentication).filter(({ key }) => used.has(key) || implied.includes(key));
  const ownToken = findOwnToken(inRequests, fields);
  return {
    id: idOf(authentication),
    fields: fields.map(toField),
    ...(basic === undefined ? {} : { basic }),
    ...(hasToken ? { token: toToken(authentication, configuration) } : {}),
    ...(chains.length === 0 ? {} : { chains: chains.map((chain) => toChain(chain, configuration)) }),
    ...(ownToken === undefined ? {} : { ownToken }),
  };
}

const CLIENT = ['client_id', 'client_secret'];

function toField({ key, secret, required, default_value: value }: Field): CredentialField {
  const fallback = value === undefined || secret ? {} : { default: String(value) };
  return { key, isSecret: secret, isRequired: required, ...fallback };
}

type OauthAuthentication = Extract<Authentication, { token_url: string }>;

function toToken(authentication: Authentication, configuration: Configuration) {
  const { type, token_url: url, scopes, client_auth: clientAuth } = authentication as OauthAuthentication;
  const grant = type === 'oauth2_client_credentials' ? 'client_credentials' : 'authorization_code';
  return { grant, tokenUrl: fillFixedUrl(url, configuration), scopes, clientAuth } as const;
}

/** A caller has one credential: it can be used where the requests need one, and no other field without a value. */
function findOwnToken(used: ReadonlySet<string>, fields: Field[]): string | undefined {
  const open = [...used].filter((key) => {
    const field = fields.find((each) => each.key === key);
    return field === undefined || field.secret || (field.required && field.default_value === undefined);
  });
  const [only, ...others] = open;
  const isSecret = fields.find(({ key }) => key === only)?.secret ?? true;
  return others.length === 0 && isSecret ? only : undefined;
}

function keysOfChain({ steps }: CredentialChain): string[] {
  return keysIn(steps.flatMap(({ request }) => textsOf(request)));
}

function textsOf({ url, headers = {}, query = {}, body }: ChainRequest): string[] {
  return [url, ...Object.values(headers), ...Object.values(query), ...textsIn(body ?? null)];
}

function textsIn(value: NonNullable<ChainRequest['body']> | null): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function toChain({ id, steps, ttl_seconds: ttl }: CredentialChain, configuration: Configuration): ConnectionChain {
  return {
    id,
    ttlMs: ttl * 1000,
    steps: steps.map(({ request, extract }) => ({
      request: toChainRequest(request, configuration),
      extract: Object.entries(extract).map(([name, text]) => [name, parsePicked(text, ['response', 'body'])]),
    })),
  };
}

function toChainRequest(request: ChainRequest, configuration: Configuration): PlanRequest {
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

function toUrl(text: string, configuration: Configuration): UrlTemplate {
  const parts = fillConfiguration(text, configuration);
  return {
    kind: 'parts',
    parts: parts.map((part) => (typeof part === 'string' ? part : { path: secretPath(part.key), where: part.where })),
  };
}
