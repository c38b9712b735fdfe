import type { Reference } from '@toolplane/compiler';
import type { Diagnostic } from '@toolplane/contracts';
import { z } from 'zod';
import { dataOf, diagnosticSchema, type PlatformApi } from './api.ts';

type Source = { definition: string; references: readonly Reference[] };

const validationSchema = z.object({ valid: z.boolean(), diagnostics: z.array(diagnosticSchema) });

/** Saves nothing. With the name or id of a server, it returns all diagnostics of a deployment there. */
export async function validateDocument(
  api: PlatformApi,
  { definition, references }: Source,
  server?: string,
): Promise<{ valid: boolean; diagnostics: Diagnostic[] }> {
  const body = { definition, references, server };
  return dataOf(api, validationSchema, await api.POST('/documents/validate', { body }));
}
