import type { Part } from '../../document/part.ts';
import type { CredentialTemplates } from '../descriptor/credential-templates.ts';
import type { DescriptorDraft } from '../descriptor/draft.ts';
import type { Operation } from '../descriptor/operation-schema.ts';

/** An operation and its location. */
export type LocatedOperation = { draft: DescriptorDraft; operation: Operation; index: number; part: Part };

/**
 * The credentials that an operation sends, and the names that templates may use; `keys` is undefined if the
 * authentication is broken.
 */
export type OperationCredentials = CredentialTemplates & { keys: readonly string[] | undefined };

/** What the checks of one operation share. */
export type OperationContext = LocatedOperation & {
  credentials: OperationCredentials;
  /** The headers in which any operation of the connector sends credentials, normalized by `headerKey`. */
  credentialHeaders: ReadonlySet<string>;
};
