import type { CompiledDocument } from '@toolplane/compiler';
import type { Transaction } from './database/database.ts';

/** Every change that edges and data planes must learn of, with the id of what changed. */
export type Changes = {
  /** The settings, the document, the policy or a credential of a server, or the tools that it offers. */
  'server.changed': [serverId: string];
  'server.removed': [serverId: string];
  /** The tools of servers for which a transaction called `noteToolChange`. */
  'tools.changed': [];
  'api-key.changed': [keyId: string];
  'egress-rules.changed': [workspaceId: string];
  /** The users who may be named in a workspace. */
  'users.changed': [workspaceId: string];
  /** A decision about a call, or its end. */
  'approval.changed': [approvalId: string];
  'workspace.created': [workspaceId: string];
};

/**
 * The way in which every part of the control plane announces its changes. A change is saved as unpublished, and
 * announced after it was saved. `publishing/` has what each change leads to.
 */
export type ChangeNotices = {
  /** Publishes a saved change at once, or as soon as Redis is available again. Never rejects. */
  notify<Change extends keyof Changes>(change: Change, ...id: Changes[Change]): Promise<void>;
  /**
   * Publishes a server as part of a change that must not be saved without being published. Short failures are retried.
   * Rejects with `config_unavailable`. `document` is the document that the server runs; if it is absent, it is read.
   */
  publishServer(tx: Transaction, id: string, document?: CompiledDocument): Promise<void>;
  /**
   * Marks a server as unpublished, and is committed before a change with `publishServer`. If the process ends between
   * publishing and saving, or the change is not saved for another reason, the server is published again.
   */
  markServerUnpublished(tx: Transaction, id: string): Promise<void>;
  /** Whether nobody has published the server since it was marked as unpublished. Requires the lock of the server. */
  isServerUnpublished(tx: Transaction, id: string): Promise<boolean>;
};
