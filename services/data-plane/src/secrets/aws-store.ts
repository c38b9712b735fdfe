import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandOutput,
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import { AppError, type SecretRef } from '@toolplane/contracts';
import { parseSecret, type Secret, type SecretStore, secretPath, serializeSecret } from './secret-store.ts';

/** The limit of the AWS service. */
const BATCH_MAX = 20;
/** The time for which the store remembers that it may only read secrets one by one. */
const DENIED_MS = 300_000;

/** The SDK finds the region, the endpoint and the credentials in its usual sources, unless `client` sets them. */
export function createAwsStore(options: {
  environment: string;
  kmsKey?: string | undefined;
  client?: SecretsManagerClientConfig;
  requestMs?: number;
}): SecretStore {
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    // Without `throwOnRequestTimeout`, the SDK writes a warning and keeps waiting.
    requestHandler: { connectionTimeout: 2000, requestTimeout: options.requestMs ?? 3000, throwOnRequestTimeout: true },
    ...options.client,
  });
  const nameOf = (ref: SecretRef) => `toolplane/${options.environment}/${secretPath(ref)}`;

  async function get(ref: SecretRef): Promise<Secret | undefined> {
    const command = new GetSecretValueCommand({ SecretId: nameOf(ref) });
    const found = await client.send(command).catch(undefinedWhen(ResourceNotFoundException));
    return found === undefined ? undefined : parseSecret(found.SecretString ?? '');
  }

  let deniedUntilMs = 0;

  /**
   * A failure to read one secret does not affect the others; without the permission to read several at once, each
   * secret is read separately.
   */
  async function getBatch(refs: readonly SecretRef[]): Promise<PromiseSettledResult<Secret | undefined>[]> {
    if (refs.length === 1 || performance.now() < deniedUntilMs) return getEach(refs);
    const answer = await guarded(readBatch(refs)).catch((reason: unknown) => ({ reason }));
    if (answer === undefined) return getEach(refs);
    if ('reason' in answer) return Promise.allSettled(refs.map(() => Promise.reject(answer.reason)));
    const found = new Map(answer.SecretValues?.map(({ Name, SecretString }) => [Name, SecretString ?? '']));
    const absent = new Set(
      answer.Errors?.filter((it) => it.ErrorCode === 'ResourceNotFoundException').map((it) => it.SecretId),
    );
    return Promise.allSettled(
      refs.map(async (ref) => {
        const name = nameOf(ref);
        const text = found.get(name);
        if (text !== undefined) return parseSecret(text);
        // Reading it separately returns the reason why it cannot be read, or the value if it did not fit into the
        // response.
        return absent.has(name) ? undefined : guarded(get(ref));
      }),
    );
  }

  /** Returns undefined if reading several secrets at once is not permitted. */
  async function readBatch(refs: readonly SecretRef[]): Promise<BatchGetSecretValueCommandOutput | undefined> {
    const command = new BatchGetSecretValueCommand({ SecretIdList: refs.map(nameOf) });
    try {
      return await client.send(command);
    } catch (error) {
      if (!isNamed(error, 'AccessDeniedException')) throw error;
      deniedUntilMs = performance.now() + DENIED_MS;
      return undefined;
    }
  }

  const getEach = (refs: readonly SecretRef[]) => Promise.allSettled(refs.map((ref) => guarded(get(ref))));

  async function create(ref: SecretRef, secret: Secret): Promise<boolean> {
    const command = new CreateSecretCommand({
      Name: nameOf(ref),
      SecretString: serializeSecret(secret),
      ...(options.kmsKey === undefined ? {} : { KmsKeyId: options.kmsKey }),
    });
    return (await client.send(command).catch(undefinedWhen(ResourceExistsException))) !== undefined;
  }

  /** Also stores the value if another process has just created or deleted the name. */
  async function put(ref: SecretRef, secret: Secret): Promise<void> {
    const command = new PutSecretValueCommand({ SecretId: nameOf(ref), SecretString: serializeSecret(secret) });
    if ((await client.send(command).catch(undefinedWhen(ResourceNotFoundException))) !== undefined) return;
    if (!(await create(ref, secret))) await client.send(command);
  }

  /** Deletes the secret at once instead of in thirty days: a deleted credential must be gone. */
  async function remove(ref: SecretRef): Promise<void> {
    const command = new DeleteSecretCommand({ SecretId: nameOf(ref), ForceDeleteWithoutRecovery: true });
    await client.send(command).catch(undefinedWhen(ResourceNotFoundException));
  }

  return {
    get: (ref) => guarded(get(ref)),
    getMany: async (refs) => {
      const batches = Array.from({ length: Math.ceil(refs.length / BATCH_MAX) }, (_, index) =>
        getBatch(refs.slice(index * BATCH_MAX, (index + 1) * BATCH_MAX)),
      );
      return (await Promise.all(batches)).flat();
    },
    put: (ref, secret) => guarded(put(ref, secret)),
    create: (ref, secret) => guarded(create(ref, secret)),
    delete: (ref) => guarded(remove(ref)),
  };
}

function undefinedWhen(expected: new (...args: never[]) => Error) {
  return (error: unknown): undefined => {
    if (!(error instanceof expected)) throw error;
  };
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

async function guarded<Result>(use: Promise<Result>): Promise<Result> {
  try {
    return await use;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('secret_unavailable', 'The secret store cannot be used', { cause });
  }
}
