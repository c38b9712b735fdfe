import { hash, verify } from '@node-rs/argon2';
import { AppError } from '@toolplane/contracts';
import { createSemaphore } from '@toolplane/service-kit';
import { z } from 'zod';

/**
 * Argon2id with at least the parameters that OWASP recommends: each attempt takes some tens of milliseconds and 19 MiB.
 */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Two concurrent hashes leave most threads of Node's pool to other work, such as files and signatures. A hundred
 * waiting ones finish within some seconds.
 */
const { run: runInSlot } = createSemaphore({ slotsMax: 2, waitingMax: 100, toError: tooManySignIns });

export function tooManySignIns(): AppError {
  return new AppError('rate_limited', 'Too many people are signing in at the moment; try again');
}

/** Only the length matters. The upper limit keeps hashing cheap. */
export const passwordSchema = z.string().min(12, 'must have at least 12 characters').max(200);

/** Rejects with `rate_limited`, like `isPassword`, while too many other requests wait. */
export function hashPassword(password: string): Promise<string> {
  return runInSlot(() => hash(password.normalize('NFC'), OPTIONS));
}

/** The hash of a password that nobody has. */
let decoy: Promise<string> | undefined;

/**
 * Checking a person who does not exist, or has no password, takes as much time as checking a wrong password, so that
 * timing reveals nothing.
 */
export async function isPassword(password: string, passwordHash: string | null | undefined): Promise<boolean> {
  decoy ??= hash(crypto.randomUUID(), OPTIONS);
  const known = passwordHash ?? (await decoy);
  const isRight = await runInSlot(() => verify(known, password.normalize('NFC')));
  return isRight && typeof passwordHash === 'string';
}
