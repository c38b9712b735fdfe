import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { AppError } from '@toolplane/contracts';
import type { Person } from '../people/people.ts';
import type { Factor } from './store.ts';

/** The options for a browser, with the challenge that its response must contain. */
export type PasskeyOptions = { options: Record<string, unknown> & { challenge: string } };

export type Passkeys = {
  askForNew(person: Person, known: Factor[]): Promise<PasskeyOptions>;
  checkNew(response: unknown, challenge: string): Promise<{ credentialId: string; publicKey: string; counter: bigint }>;
  ask(known: Factor[]): Promise<PasskeyOptions>;
  /** Returns the passkey that answered, and its signature counter. Undefined if the response is not valid. */
  check(
    response: unknown,
    challenge: string,
    known: Factor[],
  ): Promise<{ factor: Factor; counter: bigint } | undefined>;
};

/** Loaded only when somebody uses a passkey, because the library is large and includes certificate parsing. */
const webauthn = () => import('@simplewebauthn/server');

/** WebAuthn for the host of the pages. Browsers accept only host names, so an IP address cannot have passkeys. */
export function createPasskeys(publicUrl: string): Passkeys {
  const { origin, hostname: rpID } = new URL(publicUrl);
  // The password was already verified, so the presence of a person is enough, whoever holds the key.
  const requireUserVerification = false;
  const named = (known: Factor[]) => known.map(({ credentialId }) => ({ id: credentialId ?? '' }));

  return {
    async askForNew({ id, email, name }, known) {
      const { generateRegistrationOptions } = await webauthn();
      const options = await generateRegistrationOptions({
        rpName: 'Toolplane',
        rpID,
        userName: email,
        userDisplayName: name,
        userID: new TextEncoder().encode(id),
        attestationType: 'none',
        excludeCredentials: named(known),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      });
      return { options: { ...options } };
    },

    async checkNew(response, challenge) {
      const { verifyRegistrationResponse } = await webauthn();
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpID,
        requireUserVerification,
      }).catch(refuse);
      if (!verified) throw refusal();
      const { id, publicKey, counter } = registrationInfo.credential;
      return { credentialId: id, publicKey: Buffer.from(publicKey).toString('base64url'), counter: BigInt(counter) };
    },

    async ask(known) {
      const { generateAuthenticationOptions } = await webauthn();
      const options = await generateAuthenticationOptions({
        rpID,
        allowCredentials: named(known),
        userVerification: 'preferred',
      });
      return { options: { ...options } };
    },

    async check(response, challenge, known) {
      const answered = response as AuthenticationResponseJSON;
      const factor = known.find(({ credentialId }) => credentialId === answered.id);
      if (factor === undefined) return undefined;
      const { verifyAuthenticationResponse } = await webauthn();
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: answered,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpID,
        requireUserVerification,
        credential: {
          id: answered.id,
          publicKey: new Uint8Array(Buffer.from(factor.secret, 'base64url')),
          counter: Number(factor.counter),
        },
      }).catch(() => ({ verified: false, authenticationInfo: undefined }));
      return verified && authenticationInfo !== undefined
        ? { factor, counter: BigInt(authenticationInfo.newCounter) }
        : undefined;
    },
  };
}

/** Replaces the messages of the library, because they may contain data of the request. */
function refuse(cause: unknown): never {
  throw refusal(cause);
}

function refusal(cause?: unknown): AppError {
  return new AppError('invalid_request', 'The answer of the passkey is not valid', { cause });
}
