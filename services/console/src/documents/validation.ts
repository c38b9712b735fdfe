import type { Diagnostic } from '@toolplane/contracts';

/** `Validation` of the API: the result of checking a document or a descriptor. */
export type Validation = { valid: boolean; diagnostics: Diagnostic[] };
