import { sourceLimits } from '@toolplane/contracts';
import { z } from 'zod';
import { textOf } from '../../platform/request-schemas.ts';

const MIB = 1024 * 1024;
/**
 * The limit is larger than any document with its references, including escapes; the compiler reports which document is
 * too large.
 */
export const BODY_BYTES_MAX = 32 * MIB;
const REFERENCES_MAX = 50;
const REFERENCES_BYTES_MAX = 20 * MIB;

const referenceSchema = z.strictObject({
  name: textOf(256).meta({ description: 'Name of the source description to which the document belongs' }),
  content: textOf(BODY_BYTES_MAX)
    .refine((text) => Buffer.byteLength(text) <= sourceLimits.bytesMax, 'must not be larger than 5 MiB')
    .meta({ description: 'At most 5 MiB' }),
  location: textOf(sourceLimits.urlLengthMax).meta({ description: 'Its URL, or a file name' }),
});

/** The fields of a document in requests, for validating as well as for deploying. */
export const documentFields = {
  definition: textOf(BODY_BYTES_MAX).meta({
    description: 'A Flower or an Arazzo document in YAML or JSON, at most 1 MiB',
  }),
  references: z
    .array(referenceSchema)
    .max(REFERENCES_MAX)
    .refine((references) => lengthOf(references) <= REFERENCES_BYTES_MAX, 'must not be larger than 20 MiB in total')
    .default([])
    .meta({
      description:
        'Documents to which the definition refers, at most 20 MiB in total. Others are fetched from their https URLs.',
    }),
};

function lengthOf(references: { content: string }[]): number {
  return references.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
}

export const diagnosticSchema = z
  .object({
    severity: z.enum(['error', 'warning']),
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    source: z
      .string()
      .optional()
      .meta({ description: 'Name of the source description whose document has the problem; absent: the definition' }),
    pointer: z.string(),
    line: z.int(),
    column: z.int(),
  })
  .meta({ id: 'Diagnostic' });

export const validationSchema = z
  .object({ valid: z.boolean(), diagnostics: z.array(diagnosticSchema) })
  .meta({ id: 'Validation' });

export const sourceServersSchema = z
  .record(
    z.string().regex(/^[A-Za-z0-9_.-]{1,256}$/, 'must be the name of a source description'),
    textOf(2000).refine(isBaseUrl, 'must be an http or https URL without credentials, query or fragment'),
  )
  .refine((servers) => Object.keys(servers).length <= 100, 'must not have more than 100 entries')
  .meta({
    description:
      'Key: name of a source description; value: a base URL that replaces the servers of its OpenAPI document, base ' +
      'path included. For a source of another Arazzo document, join both names with a dot.',
  });

function isBaseUrl(text: string): boolean {
  // The URL parser accepts braces as part of the host.
  const url = /[{}]/.test(text) ? null : URL.parse(text);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}
