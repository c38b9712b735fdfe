import {
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

/** Region, endpoint and credentials come from where the SDK looks for them, unless `client` says otherwise. */
export function createAwsStore(options: { environment: string; client?: SecretsManagerClientConfig }): SecretStore {
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 3000 },
    ...options.client,
  });
  const nameOf = (ref: SecretRef) => `toolplane/${options.environment}/${secretPath(ref)}`;

  async function get(ref: SecretRef): Promise<Secret | undefined> {
    const command = new GetSecretValueCommand({ SecretId: nameOf(ref) });
    const found = await client.send(command).catch(undefinedWhen(ResourceNotFoundException));
    return found === undefined ? undefined : parseSecret(found.SecretString ?? '');
  }

  async function create(ref: SecretRef, secret: Secret): Promise<boolean> {
    const command = new CreateSecretCommand({ Name: nameOf(ref), SecretString: serializeSecret(secret) });
    return (await client.send(command).catch(undefinedWhen(ResourceExistsException))) !== undefined;
  }

  /** Also takes the value when another process has just created the name, or just deleted it. */
  async function put(ref: SecretRef, secret: Secret): Promise<void> {
    const command = new PutSecretValueCommand({ SecretId: nameOf(ref), SecretString: serializeSecret(secret) });
    if ((await client.send(command).catch(undefinedWhen(ResourceNotFoundException))) !== undefined) return;
    if (!(await create(ref, secret))) await client.send(command);
  }

  /** At once instead of in thirty days: a credential that somebody deleted must be gone. */
  async function remove(ref: SecretRef): Promise<void> {
    const command = new DeleteSecretCommand({ SecretId: nameOf(ref), ForceDeleteWithoutRecovery: true });
    await client.send(command).catch(undefinedWhen(ResourceNotFoundException));
  }

  return {
    get: (ref) => guarded(get(ref)),
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

async function guarded<Result>(use: Promise<Result>): Promise<Result> {
  try {
    return await use;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('secret_unavailable', 'The secret store cannot be used', { cause });
  }
}
