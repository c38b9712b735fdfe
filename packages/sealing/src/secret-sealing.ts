/*
 * Seals a secret for the data plane, in the browser or the CLI, before it is sent anywhere; only the data plane can
 * open it. This code runs in browsers, so it uses nothing but jose, zod schemas and Web APIs.
 */
import {
  AppError,
  type JsonObject,
  ruleOfIssue,
  type SealedCredential,
  type SealedSecret,
  type SealingKey,
  type SealingTarget,
  sealedCredentialSchema,
  sealedSecretSchema,
  sealingKeySchema,
} from '@toolplane/contracts';
import {
  CompactEncrypt,
  calculateJwkThumbprint,
  compactDecrypt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import type { z } from 'zod';

const KEY_WRAPPING = 'ECDH-ES+A256KW';
const ENCRYPTION = 'A256GCM';
const CURVE = 'P-256';

/**
 * A compact JWE of `{value, hosts}`: the hosts that a secret may be sent to are sealed with it. Its header names the
 * one audience that it is for. Values that were sealed before audiences existed have none; a data plane accepts these
 * only while its operator allows it.
 */
export async function sealSecret(
  { key, audience }: Pick<SealingTarget, 'key'> & { audience: SealingTarget['audience'] | undefined },
  secret: { value: SealedSecret['value'] | SealedCredential['value']; hosts: readonly string[] },
): Promise<string> {
  const plaintext = new TextEncoder().encode(JSON.stringify(secret));
  return new CompactEncrypt(plaintext)
    .setProtectedHeader({
      alg: KEY_WRAPPING,
      enc: ENCRYPTION,
      kid: key.kid,
      ...(audience === undefined ? {} : { aud: audience }),
    })
    .encrypt(await importJWK(key, KEY_WRAPPING));
}

type PrivateKeys = JsonObject | readonly JsonObject[];

/** While the sealing key is being rotated, several private keys can open values. */
export function openSecret(privateJwks: PrivateKeys, sealed: string): Promise<SealedSecret> {
  return open(privateJwks, sealed, sealedSecretSchema);
}

/** The credentials of a connector's instance: `value` has the values of its fields by their keys. */
export function openCredential(privateJwks: PrivateKeys, sealed: string): Promise<SealedCredential> {
  return open(privateJwks, sealed, sealedCredentialSchema);
}

async function open<Opened>(privateJwks: PrivateKeys, sealed: string, schema: z.ZodType<Opened>): Promise<Opened> {
  const keys = [privateJwks].flat() as JWK[];
  const kid = kidOf(sealed);
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new AppError('invalid_request', 'The value is not sealed for the current sealing key');
  const parsed = schema.safeParse(await decrypt(key, sealed), { error: ruleOfIssue });
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map((issue) => ({
    // Unexpected names may be values in the wrong place.
    path: `/${issue.path.map((segment) => (NAME.test(String(segment)) ? segment : '(an invalid key)')).join('/')}`,
    message: issue.code === 'unrecognized_keys' ? 'has an unknown member' : issue.message,
  }));
  const [first] = details;
  const message = `The sealed value does not fit {value, hosts}: ${first?.path ?? ''} ${first?.message ?? ''}`.trim();
  throw new AppError('invalid_request', message, { details });
}

/** The name of a member, a field or an index. */
const NAME = /^(?:[a-z][a-z0-9_]{0,63}|\d+)$/;

export async function generateSealingKeyPair(): Promise<{ publicKey: SealingKey; privateJwk: JsonObject }> {
  const pair = await generateKeyPair(KEY_WRAPPING, { crv: CURVE, extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const purpose = { kid: await calculateJwkThumbprint(publicJwk), alg: KEY_WRAPPING, use: 'enc' };
  return {
    publicKey: sealingKeySchema.parse({ ...publicJwk, ...purpose }),
    privateJwk: { ...(await exportJWK(pair.privateKey)), ...purpose } as JsonObject,
  };
}

/** The `kid` of the key that a value is sealed for. */
export function kidOf(sealed: string): string | undefined {
  return headerOf(sealed).kid;
}

/** The audience of the value. Proved only for a value that could be opened: the header is sealed with it. */
export function audienceOf(sealed: string): unknown {
  return headerOf(sealed)['aud'];
}

function headerOf(sealed: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(sealed);
  } catch {
    throw new AppError('invalid_request', 'The value is not a compact JWE');
  }
}

/** No cause is passed on: the errors of decryption and of JSON may quote what they read. */
async function decrypt(key: JWK, sealed: string): Promise<unknown> {
  try {
    const { plaintext } = await compactDecrypt(sealed, await importJWK(key, KEY_WRAPPING), {
      keyManagementAlgorithms: [KEY_WRAPPING],
      contentEncryptionAlgorithms: [ENCRYPTION],
    });
    return JSON.parse(new TextDecoder().decode(plaintext));
  } catch {
    throw new AppError('invalid_request', 'The sealed value cannot be opened');
  }
}
