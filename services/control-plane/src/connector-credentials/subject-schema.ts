import { usernamePattern } from '@toolplane/contracts';
import { z } from 'zod';

/** What a request can name itself with: ids, and user names as the header `x-username` carries them. */
export const subjectSchema = z.string().regex(usernamePattern, 'must be 1 to 255 letters, digits or . _ @ + -');
