import { z } from 'zod';

/** An e-mail address identifies an account, so it is compared in a normalized form. Nothing is ever sent to it. */
export const emailSchema = z
  .string()
  .max(254)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email('must be an e-mail address'));
