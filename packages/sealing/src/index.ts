export { arePeppers, hashApiKey, isApiKey, PEPPERS_RULE } from './api-key-hash.ts';
export { type CallKeys, type EnvelopePurpose, parseCallKeys } from './call-keys.ts';
export { toSecretRef } from './credential-secret.ts';
export { digestOf } from './digest.ts';
export { type CallCipher, createCallCipher, type EnvelopeBinding, EnvelopeRejected } from './envelope.ts';
export { toPepperKeys } from './pepper-keys.ts';
export { generateSealingKeyPair, kidOf, openCredential, openSecret, sealSecret } from './secret-sealing.ts';
export { createSigner, createVerifier, generateSigningKeys, type Signer, type Verifier } from './signed-document.ts';
export { digestOfUser } from './user-digest.ts';
