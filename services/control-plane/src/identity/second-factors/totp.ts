import { createCallCipher, toPepperKeys } from '@toolplane/sealing';
import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';

/** The format that authenticator apps support: six digits with SHA-1, and a new code every 30 seconds. */
const PERIOD_SECONDS = 30;
/** The clock of a device may be wrong by one step. */
const WINDOW = 1;

export type Totps = {
  /** Creates a secret. Only `sealed` may be stored. */
  create(personId: string, label: string): { sealed: string; secret: string; url: string; qrCode: string };
  /** The time step of a code for the sealed secret. Undefined if the code is not currently valid. */
  findStep(personId: string, sealed: string, code: string): number | undefined;
};

/** Secrets are sealed with a key derived from the peppers, so that the database alone reveals none. */
export function createTotps(pepper: string): Totps {
  const cipher = createCallCipher(toPepperKeys(pepper));
  const bindingOf = (personId: string) => ({ purpose: 'second-factor', party: personId, aad: 'totp' }) as const;

  /** Returns undefined if the pepper with which the secret was sealed no longer exists. */
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
