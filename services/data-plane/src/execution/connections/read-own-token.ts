import { AppError } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import type { NamedSecret } from '../step-secrets.ts';
import type { PreparedAuthentication, PreparedConnection } from './prepare-connection.ts';

/** The user's own credentials for one call; no part of them is stored anywhere. */
export type OwnToken = {
  token: NamedSecret;
  /** The parts of the token, which must not leak either. */
  parts: NamedSecret[];
  /** The hosts of the token and its parts; empty until the first request determines the host. */
  hosts: string[];
};

/** Reads `Bearer x`, `Basic x` or `x`. No message quotes the token. */
export function readOwnToken(
  { connector }: PreparedConnection,
  { ownToken: name }: PreparedAuthentication,
  authorization: string,
): OwnToken {
  if (name === undefined) {
    const message = `The tools of the connector ${connector} do not accept credentials from the header X-Upstream-Authorization`;
    throw new AppError('invalid_request', message);
  }
  const [, scheme = '', text = ''] = /^(?:(basic|bearer)(?: |$))?(.*)$/is.exec(authorization.trim()) ?? [];
  const value = text.trim();
  const isBasic = scheme.toLowerCase() === 'basic';
  if (value === '' || (name === 'basic' && !isBasic)) {
    const form = name === 'basic' ? 'Basic <base64 of user:password>' : 'Bearer <token>';
    throw new AppError('invalid_request', `The header X-Upstream-Authorization must have the form ${form}`);
  }
  const hosts: string[] = [];
  const toSecret = (content: string) => ({ name, value: new SecretValue(content), hosts, version: 1 });
  const parts = isBasic ? [toSecret(Buffer.from(value, 'base64').toString())] : [];
  return { token: toSecret(value), parts, hosts };
}
