import assert from 'node:assert';
import { readFile } from 'node:fs/promises';
import { createFileStore } from './file-store.ts';
import { createMountedStore } from './mounted-store.ts';
import type { SecretStore } from './secret-store.ts';
import type { StoreSettings, VaultStoreSettings } from './store-settings.ts';
import type { VaultAuthentication } from './vault-token.ts';

/**
 * The clients of AWS and Vault are large, so they are loaded only when used. With `mustExist`, a missing folder is an
 * error of the settings, and is not created.
 */
export async function openStore(settings: StoreSettings, { mustExist = false } = {}): Promise<SecretStore> {
  switch (settings.SECRETS_STORE) {
    case 'file':
      return createFileStore({ folder: settings.SECRETS_DIR, key: settings.SECRETS_KEYS, mustExist });
    case 'mounted':
      return createMountedStore({ folder: settings.SECRETS_DIR });
    case 'vault':
      return openVault(settings);
    case 'aws': {
      const { createAwsStore } = await import('./aws-store.ts');
      return createAwsStore({ environment: settings.ENVIRONMENT, kmsKey: settings.SECRETS_KMS_KEY });
    }
  }
}

async function openVault(settings: VaultStoreSettings): Promise<SecretStore> {
  const { createVaultStore } = await import('./vault-store.ts');
  const { VAULT_CACERT } = settings;
  return createVaultStore({
    environment: settings.ENVIRONMENT,
    mount: settings.VAULT_MOUNT,
    settings: {
      address: settings.VAULT_ADDR,
      namespace: settings.VAULT_NAMESPACE,
      certificateAuthority: VAULT_CACERT === undefined ? undefined : await readFile(VAULT_CACERT, 'utf8'),
    },
    authentication: toAuthentication(settings),
  });
}

function toAuthentication(settings: VaultStoreSettings): VaultAuthentication {
  const { VAULT_TOKEN: token, VAULT_TOKEN_FILE: path, VAULT_K8S_ROLE: role } = settings;
  if (token !== undefined) return { kind: 'token', token };
  if (path !== undefined) return { kind: 'file', path };
  assert(role !== undefined);
  return { kind: 'kubernetes', role, mount: settings.VAULT_K8S_MOUNT, tokenFile: settings.VAULT_K8S_TOKEN_FILE };
}
