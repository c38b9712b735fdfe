import { type SecretValue, setting } from '@toolplane/service-kit';
import { z } from 'zod';

/** Where Kubernetes puts the token of the pod's service account. */
const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const vaultPath = z.string().regex(/^[\w-]+(\/[\w-]+)*$/, 'is not a path of letters, digits, _ and -');

const environment = z.string('is required by this store').regex(/^[\w-]{1,64}$/, 'is not letters, digits, _ and -');

/** Which store keeps the secrets, and how it is reached. */
export const storeSettingsSchema = z.discriminatedUnion(
  'SECRETS_STORE',
  [
    z.object({
      SECRETS_STORE: z.literal('file'),
      SECRETS_DIR: z.string('is required by the file store'),
      /** Base64 of the 32 bytes that seal the files; several, comma-separated: the first seals, all open. */
      SECRETS_KEY: setting.secret().refine(areKeys, 'is not base64 of 32 bytes'),
    }),
    z.object({
      SECRETS_STORE: z.literal('mounted'),
      /** A folder that somebody else fills. */
      SECRETS_DIR: z.string('is required by the store of mounted files'),
    }),
    z.object({
      SECRETS_STORE: z.literal('aws'),
      /** Names begin with `toolplane/<environment>/`. Region and credentials are found by the SDK. */
      ENVIRONMENT: environment,
      /** Id, ARN or alias of the key in KMS that encrypts what is created; without it the one of AWS. */
      SECRETS_KMS_KEY: z.string().optional(),
    }),
    z
      .object({
        SECRETS_STORE: z.literal('vault'),
        /** Paths begin with `toolplane/<environment>/`. */
        ENVIRONMENT: environment,
        VAULT_ADDR: z.string('is required by the store of Vault').refine(isVaultAddress, 'is not https://host:port'),
        /** Of the secrets engine, KV version 2. */
        VAULT_MOUNT: vaultPath.default('secret'),
        VAULT_NAMESPACE: vaultPath.optional(),
        /** Path of the PEM of the authorities that Vault's certificate is checked with, instead of the system's. */
        VAULT_CACERT: z.string().optional(),
        VAULT_TOKEN: setting.secret().optional(),
        VAULT_TOKEN_FILE: z.string().optional(),
        /** Logs in with the token of the pod's service account. */
        VAULT_K8S_ROLE: z.string().optional(),
        VAULT_K8S_MOUNT: vaultPath.default('kubernetes'),
        VAULT_K8S_TOKEN_FILE: z.string().default(SERVICE_ACCOUNT_TOKEN),
      })
      .refine(hasOneAuthentication, {
        path: ['VAULT_TOKEN'],
        message: 'one of VAULT_TOKEN, VAULT_TOKEN_FILE and VAULT_K8S_ROLE is required, and only one',
      }),
  ],
  'is required, and is file, mounted, aws or vault',
);

export type StoreSettings = z.infer<typeof storeSettingsSchema>;
export type VaultStoreSettings = Extract<StoreSettings, { SECRETS_STORE: 'vault' }>;

function areKeys(keys: SecretValue): boolean {
  return keys
    .reveal()
    .split(',')
    .every((key) => Buffer.from(key, 'base64').length === 32);
}

/** The token goes with each request, so without TLS only to this machine. */
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
