import { OpenApiError, type SecurityNeed } from './model.ts';
import type { Place } from './place.ts';

/** An empty list is no security; an empty alternative is one that needs nothing. */
export function readSecurity(place: Place, root: Place, location: string): SecurityNeed[][] {
  const schemes = root.member('components')?.member('securitySchemes');
  return place.items().map((alternative) => {
    return alternative.entries().map(([schemeName, scopes]): SecurityNeed => {
      const scheme = schemes?.member(schemeName);
      if (scheme === undefined) {
        throw new OpenApiError(`There is no security scheme ${JSON.stringify(schemeName)}`, alternative.pointer);
      }
      return { schemeName, scopes: readScopes(scopes), scheme: readScheme(scheme.follow(), location) };
    });
  });
}

function readScopes({ value }: Place): string[] {
  return Array.isArray(value) ? value.filter((scope) => typeof scope === 'string') : [];
}

function readScheme(place: Place, location: string): SecurityNeed['scheme'] {
  const type = place.requiredText('type');
  if (type === 'apiKey') return { type, in: readKeyPlace(place), name: place.requiredText('name') };
  if (type === 'http') return { type, scheme: place.requiredText('scheme').toLowerCase() };
  if (type === 'openIdConnect' || type === 'mutualTLS') return { type };
  if (type !== 'oauth2') {
    throw new OpenApiError(`The type of security ${JSON.stringify(type)} is not known`, place.pointer);
  }
  const tokenUrl = place.member('flows')?.member('clientCredentials')?.text('tokenUrl');
  if (tokenUrl === undefined) return { type };
  const isResolvable = URL.canParse(tokenUrl, location);
  return { type, clientCredentialsTokenUrl: isResolvable ? new URL(tokenUrl, location).href : tokenUrl };
}

function readKeyPlace(place: Place): 'header' | 'query' | 'cookie' {
  const text = place.requiredText('in');
  if (text === 'header' || text === 'query' || text === 'cookie') return text;
  throw new OpenApiError(`An API key cannot be in ${JSON.stringify(text)}`, place.pointer);
}
