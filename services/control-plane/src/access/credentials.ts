import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';

/** The key of a request: `x-api-key` or `Authorization: Bearer`, never the query string. Two that differ are ambiguous. */
export function readApiKey({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): string {
  const keys = headersDistinct['x-api-key'] ?? [];
  const bearers = (headersDistinct.authorization ?? []).map(toBearerToken);
  if (keys.length > 1 || bearers.length > 1 || new Set([...keys, ...bearers]).size > 1) {
    throw new AppError('invalid_request', 'More than one API key was sent');
  }
  const [key = ''] = [...keys, ...bearers];
  if (key === '') throw new AppError('unauthenticated', 'An API key is needed: x-api-key or Authorization: Bearer');
  return key;
}

export function hasApiKey({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): boolean {
  return headersDistinct['x-api-key'] !== undefined || headersDistinct.authorization !== undefined;
}

function toBearerToken(authorization: string): string {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
}
