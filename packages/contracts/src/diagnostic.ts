/** One problem of a document. All problems of a document are returned in one answer. */
export type Diagnostic = {
  severity: 'error' | 'warning';
  /** Stable, in snake_case. */
  code: string;
  message: string;
  hint: string;
  /** The name of the source description whose document has the problem. Absent: the deployed document. */
  source?: string;
  /** JSON Pointer (RFC 6901) into the document. */
  pointer: string;
  /** Counted from 1. */
  line: number;
  /** Counted from 1. */
  column: number;
};
