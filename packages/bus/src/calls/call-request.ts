import type { CallEvent, Json } from '@toolplane/contracts';
import type { HeldCall } from './held-call.ts';
import type { ReplyReport } from './pending-calls.ts';
import type { OnQuestion } from './streamed-questions.ts';

export type CallRequest = {
  /** An id is for one call only: the fence of a used id is taken. */
  callId?: string;
  tenant: string;
  /** All calls of an organization together have one share. If it is absent, those of the tenant have one. */
  organization?: string | undefined;
  body: Json;
  /** Unix milliseconds. */
  deadline: number;
  /** Stops the call, up to the connection to the upstream. */
  signal?: AbortSignal;
  /** Receives the events of the handler before the outcome, in order; some may be lost. */
  onEvent?: (event: CallEvent) => void;
  /** Answers questions of the handler. A rejection tells the handler that the answer was declined. */
  onQuestion?: OnQuestion;
  /**
   * Used instead of `onQuestion` for a client that cannot be asked while it waits. When the handler asks something,
   * this is called with what is needed to continue, and the outcome contains the questions (`input_required`, without a
   * state): the call waits in its worker, at most until its deadline, for `goOn` of any caller. Its lease is not
   * returned until then.
   */
  onHeld?: (held: HeldCall) => void;
  /**
   * Called once, when the call has its lease and is about to be passed to the queue; `bytes` is its size before it is
   * sealed.
   */
  onAdmitted?: (bytes: number) => void;
  /** Called once, right before the outcome, if a worker reported the outcome. */
  onReport?: (reported: ReplyReport) => void;
  /** Called once, before the outcome, when the call is in the queue. */
  onQueued?: () => void;
  /**
   * How long any process can find the outcome: 60 s at least, 24 h at most. A call that is kept continues when its
   * caller is closed, which reports it as `shutting_down` and `unknown`: `find` returns the outcome.
   */
  keepReplyMs?: number;
};
