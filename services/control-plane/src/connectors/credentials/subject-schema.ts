import { usernamePattern } from '@toolplane/contracts';
import { z } from 'zod';

/** The characters allowed in a subject: ids, and user names as in the header `x-username`. */
export const subjectSchema = z.string().regex(usernamePattern, 'must be 1 to 255 letters, digits or . _ @ + -');
