import type { Diagnostic } from '@toolplane/contracts';
import { z } from 'zod';
import { diagnosticSchema } from '../servers/documents/document-schemas.ts';

/** The answer if a text, or the settings for a text, break rules. */
export const rejectionSchema = z
  .object({
    success: z.literal(false),
    error: z.object({ code: z.literal('invalid_document'), message: z.string() }),
    diagnostics: z.array(diagnosticSchema).meta({ description: 'Every violation, with its place' }),
  })
  .meta({ id: 'RejectedDescriptor' });

export function toRejection(message: string, diagnostics: Diagnostic[]) {
  const error = { code: 'invalid_document' as const, message };
  return { status: 422 as const, body: { success: false as const, error, diagnostics } };
}
