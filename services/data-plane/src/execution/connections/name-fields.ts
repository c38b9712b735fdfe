import { AppError } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import type { Secret } from '../../secrets/secret-store.ts';
import type { NamedSecret } from '../step-secrets.ts';
import type { ChosenCredential } from './choose-credential.ts';
import { nameInstance, toInstanceDetails } from './name-instance.ts';
import type { PreparedAuthentication, PreparedConnection } from './prepare-connection.ts';

/** The fields that a request can name, by their keys. */
export type NamedFields = {
  secrets: readonly NamedSecret[];
  /** The fields that are not secret; these are never masked. */
  texts: Readonly<Record<string, string>>;
  /** All fields that are not empty. */
  values: ReadonlyMap<string, SecretValue>;
};

/**
 * Creates the fields once for each stored record and plan, because everything cached about a value, such as the forms
 * in which it is masked, is looked up by the identity of the value.
 */
export function nameFields(
  connection: PreparedConnection,
  authentication: PreparedAuthentication,
  chosen: ChosenCredential,
): NamedFields {
  const ofStored = named.get(chosen.stored) ?? new WeakMap();
  const known = ofStored.get(authentication);
  if (known !== undefined) return known;
  const fields = readFields(connection, authentication, chosen);
  named.set(chosen.stored, ofStored.set(authentication, fields));
  return fields;
}

const named = new WeakMap<Secret, WeakMap<PreparedAuthentication, NamedFields>>();

function readFields(
  connection: PreparedConnection,
  authentication: PreparedAuthentication,
  chosen: ChosenCredential,
): NamedFields {
  const values = valuesOf(authentication, chosen);
  checkRequired(connection, authentication, { chosen, values });
  const { hosts, version } = chosen.stored;
  const toSecret = (name: string, value: SecretValue): NamedSecret => ({ name, value, hosts, version });
  const secrets: NamedSecret[] = [];
  const texts: Record<string, string> = Object.create(null);
  for (const { key, isSecret } of authentication.fields) {
    const value = values.get(key);
    if (value === undefined) continue;
    // A default is not a secret: it is plain text in the descriptor, which everybody can read.
    if (isSecret && value === chosen.credential.fields.get(key)) secrets.push(toSecret(key, value));
    else texts[key] = value.reveal();
  }
  const { basic } = authentication;
  if (basic !== undefined) {
    const pair = [basic.username, basic.password].map((key) => values.get(key)?.reveal() ?? '').join(':');
    secrets.push(toSecret('basic', new SecretValue(Buffer.from(pair).toString('base64'))));
  }
  return { secrets, texts, values };
}

function valuesOf({ fields }: PreparedAuthentication, { credential }: ChosenCredential): Map<string, SecretValue> {
  const defaults = fields.flatMap(({ key, default: text }) =>
    text === undefined ? [] : [[key, new SecretValue(text)] as const],
  );
  const given = [...credential.fields].filter(([, value]) => value.reveal() !== '');
  return new Map([...defaults, ...given]);
}

function checkRequired(
  connection: PreparedConnection,
  { fields, token }: PreparedAuthentication,
  { chosen, values }: { chosen: ChosenCredential; values: ReadonlyMap<string, SecretValue> },
): void {
  // A person who has signed in does not need a client of their own.
  const isOthers = (key: string) => token?.grant === 'authorization_code' && CLIENT_KEYS.includes(key);
  const required = fields.filter(({ key, isRequired }) => isRequired && !isOthers(key)).map(({ key }) => key);
  if (token !== undefined && token.grant !== 'authorization_code') required.push(...CLIENT_KEYS);
  const missing = [...new Set(required)].filter((key) => !values.has(key));
  if (missing.length === 0) return;
  const { scope } = chosen.ref;
  const message = `The credentials for ${nameInstance(connection)} (scope ${scope}) lack ${missing.join(', ')}: store them again, with all of their fields, with PUT /api/v1/connector-instances/${connection.instanceId}/credentials`;
  const details = { ...toInstanceDetails(connection), scopes: [scope], fields: missing };
  throw new AppError('credentials_missing', message, { details });
}

const CLIENT_KEYS = ['client_id', 'client_secret'];
