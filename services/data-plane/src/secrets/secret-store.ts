import { AppError, type SecretRef } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';

export type Secret = {
  value: SecretValue;
  /** The hosts to which the secret may be sent, as they were sealed: `host`, `host:port` or `*.host`. */
  hosts: string[];
  /** Counts the writes of this name, from 1. */
  version: number;
  /** The version that this one replaced, while it is stored and may still be used; `until` is in Unix milliseconds. */
  previous?: { version: number; until: number };
};

/** The interface of a store for secrets. A store that cannot be used throws `AppError('secret_unavailable')`. */
export type SecretStore = {
  get(ref: SecretRef): Promise<Secret | undefined>;
  /** Reads several secrets with fewer requests. Each has its own result, in the order of the references. */
  getMany?(refs: readonly SecretRef[]): Promise<PromiseSettledResult<Secret | undefined>[]>;
  put(ref: SecretRef, secret: Secret): Promise<void>;
  /** Returns false if the name is taken: of several concurrent calls, one succeeds. */
  create(ref: SecretRef, secret: Secret): Promise<boolean>;
  delete(ref: SecretRef): Promise<void>;
};

/** The limit of AWS Secrets Manager; every store applies it, so that a secret can move from one to another. */
export const SECRET_BYTES_MAX = 65_536;

/**
 * Returns the name of a secret, which is the same in every store. No part can contain a separator, so no reference
 * leads to another's secret.
 */
export function secretPath(ref: SecretRef): string {
  const { workspaceId, serverId, name, version } = checkSecretRef(ref);
  return `${workspaceId}/${serverId}/${name}${version === undefined ? '' : `@${version}`}`;
}

export function checkSecretRef(ref: SecretRef): SecretRef {
  const { workspaceId, serverId, name, version = 1 } = ref;
  const areNames = [workspaceId, serverId, name].every((part) => /^\w[\w-]{0,127}$/.test(part));
  if (areNames && Number.isSafeInteger(version) && version > 0) return ref;
  throw new AppError('invalid_request', 'Not a valid reference to a secret');
}

const recordSchema = z.object({
  version: z.int().min(1),
  hosts: z.array(z.string()),
  value: z.string(),
  previous: z.object({ version: z.int().min(1), until: z.number() }).optional(),
});

export function serializeSecret({ version, hosts, value, previous }: Secret): string {
  const text = JSON.stringify({ version, hosts, value: value.reveal(), previous });
  if (Buffer.byteLength(text) > SECRET_BYTES_MAX) {
    throw new AppError('payload_too_large', `A secret may take ${SECRET_BYTES_MAX} bytes together with its hosts`);
  }
  return text;
}

/** The cause is dropped, because a parser's message would quote the secret. */
export function parseSecret(text: string): Secret {
  try {
    const { version, hosts, value, previous } = recordSchema.parse(JSON.parse(text));
    return { version, hosts, value: new SecretValue(value), ...(previous && { previous }) };
  } catch {
    throw new AppError('secret_unavailable', 'The secret store holds a record that is not ours');
  }
}
