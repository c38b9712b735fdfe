/** One problem of a document. All problems of a document come in one answer. */
export type Diagnostic = {
  severity: 'error' | 'warning';
  /** Stable, snake_case. */
  code: string;
  message: string;
  hint: string;
  /** Name of the source description whose document this is about; absent: the deployed one. */
  source?: string;
  /** JSON Pointer (RFC 6901) into the document. */
  pointer: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
};
