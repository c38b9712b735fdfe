import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';

/**
 * Returns the key of a request, from `x-api-key` or `Authorization: Bearer`, never from the query string. Two different
 * keys are ambiguous and are refused.
 */
export function readApiKey({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): string {
  const keys = headersDistinct['x-api-key'] ?? [];
  const bearers = authorizationsOf(headersDistinct).map(toBearerToken);
  if (keys.length > 1 || bearers.length > 1 || new Set([...keys, ...bearers]).size > 1) {
    throw new AppError('invalid_request', 'More than one API key was sent');
  }
  const [key = ''] = [...keys, ...bearers];
  if (key === '')
    throw new AppError('unauthenticated', 'An API key is required: send x-api-key or Authorization: Bearer');
  return key;
}

export function hasApiKey({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): boolean {
  return headersDistinct['x-api-key'] !== undefined || authorizationsOf(headersDistinct).length > 0;
}

/** The token of a debug session is sent in addition to a key or a session, and replaces neither. */
function authorizationsOf({ authorization = [] }: IncomingMessage['headersDistinct']): string[] {
  return authorization.filter((each) => !/^Token(?: |$)/i.test(each));
}

function toBearerToken(authorization: string): string {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
}
