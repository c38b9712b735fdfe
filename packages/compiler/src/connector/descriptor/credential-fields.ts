import type { Authentication } from './authentication-schema.ts';
import type { ConnectorField } from './field-schema.ts';

/** Returns the name by which `auth_type_ref` and instances refer to a way to sign in. */
export function idOf({ id, type }: Pick<Authentication, 'id' | 'type'>): string {
  return id ?? type;
}

const field = { required: true, field_type: 'string', secret: false, public: false } as const;
const secret = { ...field, field_type: 'secret', secret: true } as const;

const client: readonly ConnectorField[] = [
  // According to RFC 6749, 2.2, the client id is not a secret.
  { ...field, key: 'client_id', label: 'Client ID', public: true },
  { ...secret, key: 'client_secret', label: 'Client secret' },
];

const login: readonly ConnectorField[] = [
  { ...field, key: 'username', label: 'Username' },
  { ...secret, key: 'password', label: 'Password' },
];

/** Returns all requested fields, including those that a type implies. A field of type secret is marked as secret. */
export function credentialFields(authentication: Authentication): ConnectorField[] {
  const fields = authentication.fields.map((each) => (each.field_type === 'secret' ? { ...each, secret: true } : each));
  const implied = impliedBy(authentication).filter(({ key }) => !fields.some((each) => each.key === key));
  return [...implied, ...fields];
}

function impliedBy(authentication: Authentication): readonly ConnectorField[] {
  if (isOauth(authentication)) return client;
  return authentication.type === 'basic' && !isPair(authentication.fields) ? login : [];
}

/**
 * A field is not public unless it is marked. The choices of a select are in the descriptor, where everybody can read
 * them.
 */
export function isPublic({ public: isMarked, field_type: type, secret: isSecret }: ConnectorField): boolean {
  return !isSecret && (isMarked || type === 'boolean' || type === 'select');
}

/**
 * Returns the keys of the two fields of HTTP Basic: `username` and `password`, or the two declared ones, in their
 * order.
 */
export function basicKeys({ type, fields }: Authentication): { username: string; password: string } | undefined {
  if (type !== 'basic') return undefined;
  const [first, second] = fields;
  if (!isPair(fields) || first === undefined || second === undefined) {
    return { username: 'username', password: 'password' };
  }
  // A name is better evidence than the order.
  const isSwapped = first.key === 'password' || second.key === 'username';
  const [username, password] = isSwapped ? [second, first] : [first, second];
  return { username: username.key, password: password.key };
}

function isPair(fields: readonly ConnectorField[]): boolean {
  return fields.length === 2;
}

export type OauthAuthentication = Extract<Authentication, { token_url: string }>;

export function isOauth(authentication: Authentication): authentication is OauthAuthentication {
  return 'token_url' in authentication;
}
