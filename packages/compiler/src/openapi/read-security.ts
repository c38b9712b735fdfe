import { definedOnly } from '@toolplane/contracts';
import { OpenApiError, type SecurityNeed } from './model.ts';
import type { OpenApiNode } from './open-api-node.ts';

/** Reads alternatives: an empty list means no security, and an empty alternative requires nothing. */
export function readSecurity(node: OpenApiNode, root: OpenApiNode, location: string): SecurityNeed[][] {
  const schemes = root.member('components')?.member('securitySchemes');
  return node.items().map((alternative) => {
    return alternative.entries().map(([schemeName, scopes]): SecurityNeed => {
      const scheme = schemes?.member(schemeName);
      if (scheme === undefined) {
        throw new OpenApiError(`There is no security scheme ${JSON.stringify(schemeName)}`, alternative.pointer);
      }
      return { schemeName, scopes: readScopes(scopes), scheme: readScheme(scheme.follow(), location) };
    });
  });
}

function readScopes({ value }: OpenApiNode): string[] {
  return Array.isArray(value) ? value.filter((scope) => typeof scope === 'string') : [];
}

function readScheme(node: OpenApiNode, location: string): SecurityNeed['scheme'] {
  const type = node.requiredText('type');
  if (type === 'apiKey') return { type, in: readKeyLocation(node), name: node.requiredText('name') };
  if (type === 'http') return { type, scheme: node.requiredText('scheme').toLowerCase() };
  if (type === 'openIdConnect' || type === 'mutualTLS') return { type };
  if (type !== 'oauth2') {
    throw new OpenApiError(`The type of security ${JSON.stringify(type)} is not known`, node.pointer);
  }
  const url = (flow: string, member: string) => {
    const text = node.member('flows')?.member(flow)?.text(member);
    return text !== undefined && URL.canParse(text, location) ? new URL(text, location).href : text;
  };
  const clientCredentialsTokenUrl = url('clientCredentials', 'tokenUrl');
  const [authorizationUrl, tokenUrl] = [
    url('authorizationCode', 'authorizationUrl'),
    url('authorizationCode', 'tokenUrl'),
  ];
  const hasCode = authorizationUrl !== undefined && tokenUrl !== undefined;
  return {
    type,
    ...definedOnly({
      clientCredentialsTokenUrl,
      authorizationCode: hasCode ? { authorizationUrl, tokenUrl } : undefined,
    }),
  };
}

function readKeyLocation(node: OpenApiNode): 'header' | 'query' | 'cookie' {
  const text = node.requiredText('in');
  if (text === 'header' || text === 'query' || text === 'cookie') return text;
  throw new OpenApiError(`An API key cannot be in ${JSON.stringify(text)}`, node.pointer);
}
