/** A parsed runtime expression of Arazzo 1.1. What it names depends on the document. */
export type RuntimeExpression = {
  /** The expression as written, without braces. */
  text: string;
  source:
    | { kind: 'url' | 'method' | 'statusCode' | 'self' }
    | {
        kind: 'request' | 'response' | 'message';
        part: 'header' | 'query' | 'path' | 'body' | 'payload';
        /** The name of a header is in lower case; it is empty for body and payload. */
        name: string;
      }
    | { kind: 'inputs' | 'outputs'; name: string }
    | { kind: 'steps'; id: string; name: string }
    | { kind: 'workflows'; id: string; field: 'inputs' | 'outputs'; name: string }
    | { kind: 'sourceDescriptions'; id: string; reference: string }
    | { kind: 'components'; field: 'parameters' | 'successActions' | 'failureActions' | 'inputs'; name: string }
    /** Toolplane's extensions: `$secrets.X`, `$config.X`, `$current_user.token` (also `$user.token`). */
    | { kind: 'secrets' | 'config' | 'current_user'; name: string };
  /** What follows the name: tokens of the JSON Pointer, or members and indexes if a document navigates with dots. */
  segments: string[];
  /** Syntax that public documents use although the grammar does not contain it; the text of a warning. */
  leniency?: string;
};
