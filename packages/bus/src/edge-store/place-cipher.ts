import { type CallKeys, createCallCipher, type EnvelopePurpose } from '@toolplane/sealing';

/**
 * Seals texts so that they are valid only at their own place: the key that they are stored under, or the channel that
 * they are sent over.
 */
export type PlaceCipher = {
  seal(purpose: EnvelopePurpose, place: string, text: string, part?: string | number): string;
  /** Returns undefined for a text that was not sealed with these keys, for this purpose, place and part of it. */
  open(purpose: EnvelopePurpose, place: string, sealed: string, part?: string | number): string | undefined;
};

/** Each place has its own derived keys, so no key is used with too many nonces. */
export function createPlaceCipher(keys: CallKeys): PlaceCipher {
  const cipher = createCallCipher(keys);
  const binding = (purpose: EnvelopePurpose, place: string, part: string | number | undefined) => ({
    purpose,
    party: place,
    aad: JSON.stringify(part === undefined ? [place] : [place, part]),
  });
  return {
    seal: (purpose, place, text, part) => cipher.seal(binding(purpose, place, part), text),
    open(purpose, place, sealed, part) {
      try {
        return cipher.open(binding(purpose, place, part), sealed);
      } catch {
        return undefined;
      }
    },
  };
}
