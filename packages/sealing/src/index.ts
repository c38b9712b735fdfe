export {
  CLOCK_TOLERANCE_SECONDS,
  mayBeToken,
  type TokenClaims,
  type TokenKeys,
  type TokenRules,
  toTokenKeys,
  type VerifiedToken,
  verifyToken,
} from './access-token.ts';
export { arePeppers, hashApiKey, isApiKey, PEPPERS_RULE } from './api-key-hash.ts';
export {
  credentialAudience,
  describeMismatch,
  externalClientAudience,
  inspectionAudience,
  NO_AUDIENCE,
  secretAudience,
  singleSignOnAudience,
} from './audience.ts';
export { readBrowserModules } from './browser-modules.ts';
export { type CallKeys, type EnvelopePurpose, parseCallKeys } from './call-keys.ts';
export { connectLinkHash } from './connect-link-hash.ts';
export { toSecretRef } from './credential-secret.ts';
export { hashDebugToken, isDebugTokenOf } from './debug-token.ts';
export { digestOf } from './digest.ts';
export { type CallCipher, createCallCipher, type EnvelopeBinding, EnvelopeRejected } from './envelope.ts';
export { generateIssuerKeys } from './issuer-keys.ts';
export { toPepperKeys } from './pepper-keys.ts';
export { arePoolKeys, POOL_KEYS_RULE, parsePoolKeys } from './pool-keys.ts';
export { createRequestDigest } from './request-digest.ts';
export { audienceOf, generateSealingKeyPair, kidOf, openCredential, openSecret, sealSecret } from './secret-sealing.ts';
export { createSigner, createVerifier, generateSigningKeys, type Signer, type Verifier } from './signed-document.ts';
export { digestOfUser } from './user-digest.ts';
