import { z } from 'zod';

/** Names an account, so it is compared in one form. Nothing is ever sent to it. */
export const emailSchema = z
  .string()
  .max(254)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email('must be an e-mail address'));
