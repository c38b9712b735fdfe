import { notValid } from '@toolplane/contracts';
import { z } from 'zod';

const headerSchema = z.looseObject({
  alg: z.literal('ECDH-ES+A256KW'),
  enc: z.literal('A256GCM'),
  kid: z.string().min(1).max(200),
});

/** A compact JWE: header, encrypted key, nonce, ciphertext, tag. */
const COMPACT_JWE = /^([\w-]+)\.[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Checks the format of a sealed value, so that a plaintext value sent by mistake is refused here and goes no further.
 * Only the data plane can tell whether it can be opened.
 */
export function checkSealed(sealed: string): void {
  const [, header] = COMPACT_JWE.exec(sealed) ?? [];
  if (header === undefined || !headerSchema.safeParse(parseHeader(header)).success) {
    throw notValid([
      { path: 'body.sealed', message: 'must be a compact JWE (ECDH-ES+A256KW, A256GCM, kid) for the sealing key' },
    ]);
  }
}

function parseHeader(header: string): unknown {
  try {
    return JSON.parse(Buffer.from(header, 'base64url').toString());
  } catch {
    return undefined;
  }
}
