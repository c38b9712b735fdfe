import { z } from 'zod';

/** What a request can name itself with: ids, and user names as the header `x-username` carries them. */
export const subjectSchema = z
  .string()
  .regex(/^[A-Za-z0-9._@+-]{1,255}$/, 'must be 1 to 255 letters, digits or . _ @ + -');
