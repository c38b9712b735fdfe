import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import type { CallKeys, EnvelopePurpose } from './call-keys.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed text that this process cannot verify. The error has no reason, so that nothing can be learned by trying. */
export class EnvelopeRejected extends Error {
  constructor() {
    super('The envelope is not authentic');
    this.name = 'EnvelopeRejected';
  }
}

/** What a sealed text is bound to; `party` is the edge process that sends the call and receives its reply. */
export type EnvelopeBinding = { purpose: EnvelopePurpose; party: string; aad: string };

export type CallCipher = {
  seal(binding: EnvelopeBinding, body: string): string;
  /** Throws `EnvelopeRejected` for anything that was not sealed with these keys and exactly this binding. */
  open(binding: EnvelopeBinding, sealed: string): string;
};

/** Seals as `kid.base64url(nonce | ciphertext | tag)` with AES-256-GCM. */
export function createCallCipher(keys: CallKeys): CallCipher {
  const takeNonce = createNonceSource();
  return {
    seal({ purpose, party, aad }, body) {
      const key = keys.derive(keys.sealingKid, purpose, party);
      if (key === undefined) throw new EnvelopeRejected();
      const nonce = takeNonce();
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(aad));
      const ciphertext = cipher.update(body, 'utf8');
      cipher.final();
      return `${keys.sealingKid}.${Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url')}`;
    },
    open({ purpose, party, aad }, sealed) {
      const dot = sealed.indexOf('.');
      const key = dot < 0 ? undefined : keys.derive(sealed.slice(0, dot), purpose, party);
      const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url');
      const tagAt = bytes.length - TAG_BYTES;
      if (key === undefined || tagAt < NONCE_BYTES) throw new EnvelopeRejected();
      try {
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(aad)).setAuthTag(bytes.subarray(tagAt));
        const body = decipher.update(bytes.subarray(NONCE_BYTES, tagAt), undefined, 'utf8');
        return body + decipher.final('utf8');
      } catch {
        throw new EnvelopeRejected();
      }
    },
  };
}

/** Random bytes cost a system call, so they are generated for many nonces at once. */
function createNonceSource(): () => Buffer {
  const pool = Buffer.allocUnsafe(NONCE_BYTES * 256);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += NONCE_BYTES;
    return pool.subarray(used - NONCE_BYTES, used);
  };
}
