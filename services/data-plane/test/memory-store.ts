import type { SecretRef } from '@toolplane/contracts';
import { parseSecret, type SecretStore, secretPath, serializeSecret } from '../src/secrets/secret-store.ts';

/** Stores texts like a real store; `texts` is its content. */
export function createMemoryStore(): SecretStore & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    async get(ref: SecretRef) {
      const text = texts.get(secretPath(ref));
      return text === undefined ? undefined : parseSecret(text);
    },
    async put(ref, secret) {
      texts.set(secretPath(ref), serializeSecret(secret));
    },
    async create(ref, secret) {
      if (texts.has(secretPath(ref))) return false;
      texts.set(secretPath(ref), serializeSecret(secret));
      return true;
    },
    async delete(ref) {
      texts.delete(secretPath(ref));
    },
  };
}
