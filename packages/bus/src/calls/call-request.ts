import type { CallEvent, Json } from '@toolplane/contracts';
import type { HeldCall } from './go-on.ts';
import type { OnQuestion } from './heard-questions.ts';
import type { ToldByReply } from './pending-calls.ts';

export type CallRequest = {
  /** For one call only: the fence of a used id is taken. */
  callId?: string;
  tenant: string;
  /** Its calls have one share together. If it is absent, those of the tenant have one. */
  organization?: string | undefined;
  body: Json;
  /** Unix milliseconds. */
  deadline: number;
  /** Stops the call, up to the connection to the upstream. */
  signal?: AbortSignal;
  /** Gets the events of the handler before the outcome, in order; some may be lost. */
  onEvent?: (event: CallEvent) => void;
  /** Answers questions of the handler. A rejection tells the handler that the answer was declined. */
  onQuestion?: OnQuestion;
  /**
   * Instead of `onQuestion`, for a client that cannot be asked while it waits. When the handler asks something, this is
   * called with what is needed to continue, and the outcome is the questions (`input_required`, without a state): the
   * call waits in its worker, at most until its deadline, for `goOn` of any caller. Its lease is not given back until
   * then.
   */
  onHeld?: (held: HeldCall) => void;
  /**
   * Called once, when the call has its lease and is about to be given to the queue; `bytes` is its size before its
   * seal.
   */
  onAdmitted?: (bytes: number) => void;
  /** Called once, right before the outcome, where a worker gave that. */
  onReport?: (told: ToldByReply) => void;
  /** Called once, before the outcome, when the call is in the queue. */
  onQueued?: () => void;
  /**
   * How long the outcome can be found, by any process: 60 s at least, 24 h at most. A call that is kept continues when
   * its caller is closed, which reports it as `shutting_down` and `unknown`: `find` has the outcome.
   */
  keepReplyMs?: number;
};
