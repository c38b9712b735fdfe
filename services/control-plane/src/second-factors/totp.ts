import { createCallCipher, toPepperKeys } from '@toolplane/sealing';
import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';

/** What authenticator apps take: six digits of SHA-1, a new code each half minute. */
const PERIOD_SECONDS = 30;
/** A clock may be wrong by one step. */
const WINDOW = 1;

export type Totps = {
  /** A new one; `sealed` is what may be kept. */
  create(personId: string, label: string): { sealed: string; secret: string; url: string; qrCode: string };
  /** The step that a code is of, of the one that was sealed; undefined when it is of none that counts now. */
  findStep(personId: string, sealed: string, code: string): number | undefined;
};

/** Secrets are sealed with a key made of the peppers, so the database alone gives none away. */
export function createTotps(pepper: string): Totps {
  const cipher = createCallCipher(toPepperKeys(pepper));
  const bindingOf = (personId: string) => ({ purpose: 'second-factor', party: personId, aad: 'totp' }) as const;

  /** Undefined: the pepper that it was sealed with is gone. */
  function open(personId: string, sealed: string): Secret | undefined {
    try {
      return Secret.fromBase32(cipher.open(bindingOf(personId), sealed));
    } catch {
      return undefined;
    }
  }

  return {
    create(personId, label) {
      const secret = new Secret({ size: 20 });
      const url = new TOTP({ issuer: 'Toolplane', label, secret, period: PERIOD_SECONDS }).toString();
      const sealed = cipher.seal(bindingOf(personId), secret.base32);
      return { sealed, secret: secret.base32, url, qrCode: renderSVG(url, { border: 2 }) };
    },
    findStep(personId, sealed, code) {
      const secret = open(personId, sealed);
      if (secret === undefined) return undefined;
      const delta = new TOTP({ secret, period: PERIOD_SECONDS }).validate({ token: code, window: WINDOW });
      return delta === null ? undefined : Math.floor(Date.now() / 1000 / PERIOD_SECONDS) + delta;
    },
  };
}
