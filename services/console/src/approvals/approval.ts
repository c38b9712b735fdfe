import type { Approval } from '@toolplane/api-client';

/** A decision that is about to be made. */
export type PendingDecision = { approval: Approval; step: 'approve' | 'deny' };
