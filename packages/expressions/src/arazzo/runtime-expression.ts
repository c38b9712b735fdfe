/** A parsed runtime expression of Arazzo 1.1; the document decides what it names. */
export type RuntimeExpression = {
  /** As written, without braces. */
  text: string;
  source:
    | { kind: 'url' | 'method' | 'statusCode' | 'self' }
    | {
        kind: 'request' | 'response' | 'message';
        part: 'header' | 'query' | 'path' | 'body' | 'payload';
        /** Of a header in lower case; of body and payload empty. */
        name: string;
      }
    | { kind: 'inputs' | 'outputs'; name: string }
    | { kind: 'steps'; id: string; name: string }
    | { kind: 'workflows'; id: string; field: 'inputs' | 'outputs'; name: string }
    | { kind: 'sourceDescriptions'; id: string; reference: string }
    | { kind: 'components'; field: 'parameters' | 'successActions' | 'failureActions' | 'inputs'; name: string }
    /** Extensions of ours: `$secrets.X`, `$config.X`, `$current_user.token` (also `$user.token`). */
    | { kind: 'secrets' | 'config' | 'current_user'; name: string };
  /** Behind the name: tokens of the JSON Pointer, or members and indexes where a document navigates with dots. */
  segments: string[];
  /** What the grammar does not have and public documents use; for a warning. */
  leniency?: string;
};
