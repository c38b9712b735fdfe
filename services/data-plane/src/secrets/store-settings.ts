import { type SecretValue, setting } from '@toolplane/service-kit';
import { z } from 'zod';

/** The path at which Kubernetes mounts the token of the pod's service account. */
const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const vaultPath = z.string().regex(/^[\w-]+(\/[\w-]+)*$/, 'is not a path of letters, digits, _ and -');

const environment = z.string('is required by this store').regex(/^[\w-]{1,64}$/, 'is not letters, digits, _ and -');

/** Determines which store is used for secrets, and how it is reached. */
export const storeSettingsSchema = z.discriminatedUnion(
  'SECRETS_STORE',
  [
    z.object({
      SECRETS_STORE: z.literal('file'),
      SECRETS_DIR: z.string('is required by the file store').describe('folder of the encrypted files'),
      SECRETS_KEYS: setting
        .secret()
        .refine(areKeys, 'is not base64 of 32 bytes')
        .describe(
          'base64 of the 32 bytes that encrypt the files; several are comma-separated: the first encrypts, all decrypt',
        ),
    }),
    z.object({
      SECRETS_STORE: z.literal('mounted'),
      SECRETS_DIR: z
        .string('is required by the store of mounted files')
        .describe('a folder that another program fills'),
    }),
    z.object({
      SECRETS_STORE: z.literal('aws'),
      ENVIRONMENT: environment.describe(
        'secrets are named `toolplane/<environment>/…`; the AWS SDK finds region and credentials',
      ),
      SECRETS_KMS_KEY: z
        .string()
        .optional()
        .meta({ absent: "AWS's own", description: 'id, ARN or alias of the KMS key that encrypts new secrets' }),
    }),
    z
      .object({
        SECRETS_STORE: z.literal('vault'),
        ENVIRONMENT: environment.describe('paths of secrets begin with `toolplane/<environment>/`'),
        VAULT_ADDR: z
          .string('is required by the store of Vault')
          .refine(isVaultAddress, 'is not https://host:port')
          .describe('`https://host:port`; `http://` only for this machine'),
        VAULT_MOUNT: vaultPath.default('secret').describe('path of the secrets engine, KV version 2'),
        VAULT_NAMESPACE: vaultPath.optional().describe('namespace of Vault Enterprise or OpenBao'),
        VAULT_CACERT: z.string().optional().meta({
          absent: "the system's",
          description: "PEM file with the certificate authorities for Vault's certificate",
        }),
        VAULT_TOKEN: setting
          .secret()
          .optional()
          .describe('a token. Set exactly one of this, `VAULT_TOKEN_FILE` and `VAULT_K8S_ROLE`'),
        VAULT_TOKEN_FILE: z
          .string()
          .optional()
          .describe('a file with the token, which another program keeps up to date'),
        VAULT_K8S_ROLE: z
          .string()
          .optional()
          .describe("the role to log in as, with the token of the pod's service account"),
        VAULT_K8S_MOUNT: vaultPath
          .default('kubernetes')
          .describe('path at which the Kubernetes auth method is mounted in Vault'),
        VAULT_K8S_TOKEN_FILE: z
          .string()
          .default(SERVICE_ACCOUNT_TOKEN)
          .describe('file in which Kubernetes provides that token'),
      })
      .refine(hasOneAuthentication, {
        path: ['VAULT_TOKEN'],
        message: 'one of VAULT_TOKEN, VAULT_TOKEN_FILE and VAULT_K8S_ROLE is required, and only one',
      }),
  ],
  'is required and must be file, mounted, aws or vault',
);

export type StoreSettings = z.infer<typeof storeSettingsSchema>;
export type VaultStoreSettings = Extract<StoreSettings, { SECRETS_STORE: 'vault' }>;

function areKeys(keys: SecretValue): boolean {
  return keys
    .reveal()
    .split(',')
    .every((key) => Buffer.from(key, 'base64').length === 32);
}

/** The token is sent with each request, so http is only allowed to this machine. */
function isVaultAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.pathname !== '/' || url.search !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

function hasOneAuthentication(
  settings: Partial<Record<'VAULT_TOKEN' | 'VAULT_TOKEN_FILE' | 'VAULT_K8S_ROLE', unknown>>,
): boolean {
  const { VAULT_TOKEN, VAULT_TOKEN_FILE, VAULT_K8S_ROLE } = settings;
  return [VAULT_TOKEN, VAULT_TOKEN_FILE, VAULT_K8S_ROLE].filter((it) => it !== undefined).length === 1;
}
