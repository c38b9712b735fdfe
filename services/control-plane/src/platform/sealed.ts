import { notValid } from '@toolplane/contracts';
import { describeMismatch } from '@toolplane/sealing';
import { z } from 'zod';

const headerSchema = z.looseObject({
  alg: z.literal('ECDH-ES+A256KW'),
  enc: z.literal('A256GCM'),
  kid: z.string().min(1).max(200),
  aud: z.string().max(4096).optional(),
});

/** A compact JWE: header, encrypted key, nonce, ciphertext, tag. */
const COMPACT_JWE = /^([\w-]+)\.[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Checks the format of a sealed value, so that a plaintext value that was sent by mistake is refused here and not
 * forwarded. Only the data plane can determine whether the value can be opened, and whether the header that names its
 * audience is genuine.
 */
export function checkSealed(sealed: string, audience: string, path = 'body.sealed'): void {
  const [, header] = COMPACT_JWE.exec(sealed) ?? [];
  const parsed = header === undefined ? undefined : headerSchema.safeParse(parseHeader(header)).data;
  if (parsed === undefined) {
    const message = 'must be a compact JWE (ECDH-ES+A256KW, A256GCM, kid) for the sealing key';
    throw notValid([{ path, message }]);
  }
  if (parsed.aud === undefined || parsed.aud === audience) return;
  throw notValid([{ path, message: describeMismatch(parsed.aud, audience) }]);
}

function parseHeader(header: string): unknown {
  try {
    return JSON.parse(Buffer.from(header, 'base64url').toString());
  } catch {
    return undefined;
  }
}
