import type { Authentication } from './authentication-schema.ts';
import type { Field } from './field-schema.ts';

/** Of a way to sign in: what `auth_type_ref` and instances call it. */
export function idOf({ id, type }: Pick<Authentication, 'id' | 'type'>): string {
  return id ?? type;
}

const field = { required: true, field_type: 'string', secret: false } as const;
const secret = { required: true, field_type: 'secret', secret: true } as const;

const client: readonly Field[] = [
  { ...field, key: 'client_id', label: 'Client ID' },
  { ...secret, key: 'client_secret', label: 'Client secret' },
];

const login: readonly Field[] = [
  { ...field, key: 'username', label: 'Username' },
  { ...secret, key: 'password', label: 'Password' },
];

/** All that is asked for, with what a type implies; a field of type secret is one. */
export function credentialFields(authentication: Authentication): Field[] {
  const fields = authentication.fields.map((each) => (each.field_type === 'secret' ? { ...each, secret: true } : each));
  const implied = impliedBy(authentication).filter(({ key }) => !fields.some((each) => each.key === key));
  return [...implied, ...fields];
}

function impliedBy({ type, fields }: Authentication): readonly Field[] {
  if (type === 'oauth2_client_credentials' || type === 'oauth2_authorization_code') return client;
  return type === 'basic' && !isPair(fields) ? login : [];
}

/** Keys of the two fields of HTTP Basic: `username` and `password`, or the two that are declared, in their order. */
export function basicKeys({ type, fields }: Authentication): { username: string; password: string } | undefined {
  if (type !== 'basic') return undefined;
  const [first, second] = fields;
  if (!isPair(fields) || first === undefined || second === undefined) {
    return { username: 'username', password: 'password' };
  }
  // A name says more than the order.
  const isSwapped = first.key === 'password' || second.key === 'username';
  const [username, password] = isSwapped ? [second, first] : [first, second];
  return { username: username.key, password: password.key };
}

function isPair(fields: readonly Field[]): boolean {
  return fields.length === 2;
}

export function isOauth({ type }: Authentication): boolean {
  return type === 'oauth2_client_credentials' || type === 'oauth2_authorization_code';
}
