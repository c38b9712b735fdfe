import { hash, verify } from '@node-rs/argon2';
import { z } from 'zod';

/** Argon2id with what OWASP recommends at least: some tens of milliseconds and 19 MiB for each try. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Length is what counts; the upper limit keeps hashing cheap. */
export const passwordSchema = z.string().min(12, 'must have 12 characters or more').max(200);

export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFC'), OPTIONS);
}

/** Of a password that nobody has. */
let decoy: Promise<string> | undefined;

/** Somebody who does not exist, or has no password, costs as much as a wrong password, so that time tells nothing. */
export async function isPassword(password: string, passwordHash: string | null | undefined): Promise<boolean> {
  decoy ??= hashPassword(crypto.randomUUID());
  const isRight = await verify(passwordHash ?? (await decoy), password.normalize('NFC'));
  return isRight && typeof passwordHash === 'string';
}
