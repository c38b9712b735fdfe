import type { Lease } from './admission.ts';
import type { SentCall } from './sent-calls.ts';

/** What is needed to continue a held call. None of it is secret, but nobody may be able to change it. */
export type HeldCall = SentCall & {
  worker: string;
  /** The round of the last order. */
  round: number;
  /** The pool of the worker. Absent for the default pool. */
  pool?: string | undefined;
  /** Absent if it was returned or has expired. */
  lease?: Pick<Lease, 'id' | 'expiresAt'> | undefined;
};
