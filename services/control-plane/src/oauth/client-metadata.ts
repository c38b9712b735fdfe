import { isJsonObject } from '@toolplane/contracts';
import { findReceiver, REDIRECT_URI_RULE } from './redirect-uris.ts';

const REDIRECT_URIS_MAX = 20;
const TEXT_LENGTH_MAX = 2000;
/** The grant types that a client may request and that require the consent of a person. */
const GRANT_TYPES: ReadonlySet<unknown> = new Set(['authorization_code', 'refresh_token']);

/** The first problem in the metadata of a client, in addition to those that the library finds. */
export function findMetadataProblem(metadata: Record<string, unknown>, isOfAgent = false): string | undefined {
  const { redirect_uris: uris = [], client_name: name = '', grant_types: grantTypes = [] } = metadata;
  if (!Array.isArray(uris) || uris.length > REDIRECT_URIS_MAX) {
    return `redirect_uris must be a list of at most ${REDIRECT_URIS_MAX}`;
  }
  if ([name, ...uris].some((text) => typeof text !== 'string' || text.length > TEXT_LENGTH_MAX)) {
    return `client_name and each of redirect_uris must be a string of at most ${TEXT_LENGTH_MAX} characters`;
  }
  if (uris.some((uri: unknown) => findReceiver(uri) === undefined)) return REDIRECT_URI_RULE;
  if (isOfAgent) return undefined;
  if (!Array.isArray(grantTypes) || !grantTypes.every((type) => GRANT_TYPES.has(type))) {
    return `grant_types can only contain ${[...GRANT_TYPES].join(' and ')}`;
  }
  return undefined;
}

/**
 * A metadata document serves all authorization servers, so grant types that this one does not support are removed (RFC
 * 7591, 2). The scope is removed as well, because each request names its scopes. A document without any supported grant
 * type keeps all of its types, so that it is refused.
 */
export function toOwnMetadata(text: string): string {
  const metadata = parseObject(text);
  if (metadata === undefined) return text;
  const { scope: _, grant_types: types, ...rest } = metadata;
  const own = Array.isArray(types) ? types.filter((type) => GRANT_TYPES.has(type)) : [];
  const grantTypes = own.length > 0 ? own : types;
  return JSON.stringify({ ...rest, ...(grantTypes === undefined ? {} : { grant_types: grantTypes }) });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
