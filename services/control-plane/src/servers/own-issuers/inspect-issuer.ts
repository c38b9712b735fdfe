import { type AppError, isJsonObject, notValid } from '@toolplane/contracts';
import type { Destination } from '../../platform/commands/commands.ts';
import type { Fetched, FetchThroughDataPlane } from '../documents/fetch-document.ts';
import type { OwnIssuer } from './own-issuer.ts';

/** Throws `invalid_request` for an issuer whose tokens could not be verified. Rejects if the check is not possible. */
export type InspectIssuer = (to: Destination, issuer: OwnIssuer) => Promise<OwnIssuer>;

/** Types of keys with which tokens may be signed. Shared secrets are not allowed. */
const KEY_TYPES = ['EC', 'RSA', 'OKP'];

/** Finds the endpoint of an issuer in its metadata if it is not configured, and checks that keys are published. */
export function createIssuerInspection(fetchDocument: FetchThroughDataPlane): InspectIssuer {
  async function findEndpoint(to: Destination, { issuer, tokens }: OwnIssuer): Promise<string> {
    const reasons: string[] = [];
    for (const url of metadataUrlsOf(issuer)) {
      const read = readObject(await fetchDocument(to, url));
      if ('reason' in read) {
        reasons.push(`${url}: ${read.reason}`);
        continue;
      }
      const { value } = read;
      if (value['issuer'] !== issuer) throw invalid('issuer', `is not exactly the issuer in ${url}`);
      const name = tokens === 'jwt' ? 'jwks_uri' : 'userinfo_endpoint';
      const endpoint = value[name];
      if (typeof endpoint === 'string' && URL.canParse(endpoint)) return endpoint;
      throw invalid('issuer', `has metadata without ${name}`);
    }
    throw invalid('issuer', `has no readable metadata. ${reasons.join('. ')}`);
  }

  async function refuseWithoutKeys(to: Destination, url: string): Promise<void> {
    const read = readObject(await fetchDocument(to, url));
    if ('reason' in read) throw invalid('jwksUri', `returned no keys. ${url}: ${read.reason}`);
    const { keys } = read.value;
    if (Array.isArray(keys) && keys.some((key) => isJsonObject(key) && KEY_TYPES.includes(String(key['kty'])))) return;
    throw invalid('jwksUri', `returned no keys that tokens may be signed with. ${url}`);
  }

  return async (to, settings) => {
    if (settings.tokens === 'opaque') {
      return {
        ...settings,
        userinfoEndpoint: settings.userinfoEndpoint ?? (await findEndpoint(to, settings)),
      };
    }
    const jwksUri = settings.jwksUri ?? (await findEndpoint(to, settings));
    await refuseWithoutKeys(to, jwksUri);
    return { ...settings, jwksUri };
  };
}

/** The metadata URLs of OpenID Connect Discovery 1.0, section 4, and RFC 8414, section 3.1. */
function metadataUrlsOf(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

function invalid(name: string, message: string): AppError {
  return notValid([{ path: `body.oauth.${name}`, message }]);
}

function readObject(fetched: Fetched): { value: Record<string, unknown> } | { reason: string } {
  if ('reason' in fetched) return fetched;
  try {
    const value: unknown = JSON.parse(fetched.content);
    return isJsonObject(value) ? { value } : { reason: 'It is not a JSON object' };
  } catch {
    return { reason: 'It is not JSON' };
  }
}
