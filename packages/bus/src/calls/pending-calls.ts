import type { CallEvent, Outcome } from '@toolplane/contracts';
import type { Lease } from './admission.ts';
import type { OpenedReply } from './envelope.ts';
import type { QueuedCall } from './job-calls.ts';
import type { StreamedQuestions } from './streamed-questions.ts';

export type PendingCall = {
  readonly callId: string;
  readonly tenant: string;
  readonly organization: string;
  /** The caller that sent the call: this one, or another one whose client has come to this one. */
  readonly replyTo: string;
  readonly deadline: number;
  /** Others can find the outcome of the call, so it outlives its caller. */
  readonly isKept: boolean;
  readonly onEvent: ((event: CallEvent) => void) | undefined;
  readonly questions: StreamedQuestions;
  /**
   * The epoch in which the call was passed to the queue. Undefined before that, while it is certain that it did not
   * start.
   */
  epoch: string | undefined;
  lease: Lease | undefined;
  /** The worker knows that its reply was received here, and has not returned the lease. */
  isReceived: boolean;
  job: QueuedCall['job'];
  /** The number of the last event that was received. */
  eventSeq: number;
  isSettled: boolean;
  /** Only the first outcome counts. `reported` is set if a worker reported it. */
  settle(outcome: Outcome, reported?: ReplyReport): void;
};

export type ReplyReport = Omit<OpenedReply, 'outcome'>;

/** The calls of this process that have no outcome yet. */
export type PendingCalls = {
  add(
    request: Pick<
      PendingCall,
      'callId' | 'tenant' | 'organization' | 'replyTo' | 'deadline' | 'isKept' | 'onEvent' | 'questions'
    >,
    onSettled: (call: PendingCall, outcome: Outcome, reported: ReplyReport | undefined) => void,
  ): PendingCall;
  get(callId: string): PendingCall | undefined;
  all(): PendingCall[];
  ids(): string[];
  /** Resolves when no call is left, at the latest after `ms`. */
  emptied(ms: number): Promise<void>;
};

export function createPendingCalls(): PendingCalls {
  const calls = new Map<string, PendingCall>();
  let onEmpty = () => {};
  return {
    add(request, onSettled) {
      const call: PendingCall = {
        ...request,
        epoch: undefined,
        lease: undefined,
        isReceived: false,
        job: undefined,
        eventSeq: 0,
        isSettled: false,
        settle(outcome, reported) {
          if (call.isSettled) return;
          call.isSettled = true;
          calls.delete(request.callId);
          request.questions.end();
          onSettled(call, outcome, reported);
          if (calls.size === 0) onEmpty();
        },
      };
      calls.set(request.callId, call);
      return call;
    },
    get: (callId) => calls.get(callId),
    all: () => [...calls.values()],
    ids: () => [...calls.keys()],
    async emptied(ms) {
      if (calls.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      onEmpty = resolve;
      const timer = setTimeout(resolve, ms);
      await promise;
      clearTimeout(timer);
    },
  };
}
