import { z } from 'zod';
import { textOf } from '../request-schemas.ts';

/** The body may be larger than any document, so that the compiler can say what is too large about it. */
const DOCUMENT_LENGTH_MAX = 2 * 1024 * 1024;

/** A document as people send it, for validating as well as for deploying. */
export const documentFields = {
  definition: textOf(DOCUMENT_LENGTH_MAX).meta({ description: 'A Flower document in YAML or JSON' }),
  references: z
    .array(z.strictObject({ name: textOf(200), content: textOf(DOCUMENT_LENGTH_MAX), location: textOf(2000) }))
    .max(50)
    .default([])
    .meta({ description: 'Documents that the definition refers to' }),
};

export const diagnosticSchema = z
  .object({
    severity: z.enum(['error', 'warning']),
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    pointer: z.string(),
    line: z.int(),
    column: z.int(),
  })
  .meta({ id: 'Diagnostic' });
