import type { JsonObject } from '@toolplane/contracts';
import type { Authentication } from '../descriptor/authentication-schema.ts';
import type { Connector } from '../descriptor/connector-schema.ts';
import { idOf, isOauth, type OauthAuthentication } from '../descriptor/credential-fields.ts';
import { credentialTemplates } from '../descriptor/credential-templates.ts';
import type { Operation } from '../descriptor/operation-schema.ts';
import { fillWithDefaults } from './split-endpoint.ts';

/** Collects the schemes that operations need, named after their authentications. */
export function createSecuritySchemes(connector: Connector) {
  const schemes: Record<string, JsonObject> = {};
  const names = new Map<string, string>();
  return {
    schemes: (): JsonObject => schemes,
    /** Returns an empty list if no credentials are needed. */
    of(operation: Operation): JsonObject[] {
      const authentication = connector.authentication.find((each) => idOf(each) === operation.auth_type_ref);
      const { headers, query } = credentialTemplates(operation, authentication) ?? { headers: [], query: [] };
      const needed = [
        ...headers.map(([name, template]) => ofHeader(name, template, authentication)),
        ...query.map(([name]): Scheme => ({ scheme: { type: 'apiKey', in: 'query', name }, scopes: [] })),
      ];
      if (needed.length === 0) return [];
      const id = authentication === undefined ? 'credentials' : idOf(authentication);
      return [Object.fromEntries(needed.map(({ scheme, scopes }) => [nameOf(id, scheme), scopes]))];
    },
  };

  function ofHeader(name: string, template: string, authentication: Authentication | undefined): Scheme {
    if (name.toLowerCase() === 'authorization') {
      if (template === 'Bearer {access_token}' && authentication !== undefined && isOauth(authentication)) {
        const scheme = oauth(authentication);
        return { scheme, scopes: scheme['type'] === 'oauth2' ? authentication.scopes : [] };
      }
      if (template === 'Basic {basic}') return { scheme: { type: 'http', scheme: 'basic' }, scopes: [] };
      if (/^Bearer \{[^{}]+\}$/i.test(template)) return { scheme: { type: 'http', scheme: 'bearer' }, scopes: [] };
    }
    const isBare = /^\{[^{}]+\}$/.test(template);
    const form = isBare ? {} : { description: `Written as ${template}` };
    return { scheme: { type: 'apiKey', in: 'header', name, ...form }, scopes: [] };
  }

  function oauth(authentication: OauthAuthentication): JsonObject {
    // OpenAPI has no flow for an exchange: for callers of the API, the result is a token.
    if (authentication.type === 'oauth2_token_exchange') return { type: 'http', scheme: 'bearer' };
    const tokenUrl = fillWithDefaults(authentication.token_url, connector);
    const scopes = Object.fromEntries(authentication.scopes.map((scope) => [scope, scope]));
    if (authentication.type === 'oauth2_client_credentials') {
      return { type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes } } };
    }
    const authorizationUrl = fillWithDefaults(authentication.authorization_url, connector);
    return { type: 'oauth2', flows: { authorizationCode: { authorizationUrl, tokenUrl, scopes } } };
  }

  /** An authentication that operations use in several ways has a scheme for each of them. */
  function nameOf(id: string, scheme: JsonObject): string {
    const key = `${id} ${JSON.stringify(scheme)}`;
    const known = names.get(key);
    if (known !== undefined) return known;
    let name = id;
    for (let number = 2; Object.hasOwn(schemes, name); number += 1) name = `${id}_${number}`;
    names.set(key, name);
    schemes[name] = scheme;
    return name;
  }
}

type Scheme = { scheme: JsonObject; scopes: string[] };
