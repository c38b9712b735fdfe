import { AppError, type Outcome } from '@toolplane/contracts';
import { type BusFailureCode, busFailure, busFailureMessage } from './bus-failures.ts';

/** The calls that this worker is running, and the ways to stop them. */
export type RunningCalls = {
  /** Runs until the handler answers, or until the call is abandoned; its signal fires at the deadline. */
  run(call: { callId: string; deadline: number }, handle: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome>;
  count(): number;
  stop(callId: string, code: BusFailureCode): void;
  /** Stops all calls, and those that would start after that. */
  stopAll(code: BusFailureCode): void;
  /** The reason why no further call starts. Undefined if calls may start. */
  stoppedBy(): BusFailureCode | undefined;
  /** Answers in place of handlers that do not stop. */
  abandonAll(code: BusFailureCode): void;
};

export function createRunningCalls(onHandlerFailed: (callId: string, error: unknown) => void): RunningCalls {
  type Running = { stop(code: BusFailureCode): void; settle(outcome: Outcome): void };
  const running = new Map<string, Running>();
  let allStoppedBy: BusFailureCode | undefined;

  return {
    run({ callId, deadline }, handle) {
      const controller = new AbortController();
      let stoppedBy: BusFailureCode | undefined;
      return new Promise<Outcome>((settle) => {
        const stop = (code: BusFailureCode) => {
          stoppedBy ??= code;
          controller.abort(new AppError(stoppedBy, busFailureMessage(stoppedBy)));
        };
        const timer = setTimeout(stop, deadline - Date.now(), 'deadline_exceeded');
        running.set(callId, { stop, settle });
        handle(controller.signal)
          .then(settle, (error) => {
            if (stoppedBy === undefined) onHandlerFailed(callId, error);
            settle(busFailure('unknown', stoppedBy ?? 'internal'));
          })
          .finally(() => {
            clearTimeout(timer);
            running.delete(callId);
          });
      });
    },
    count: () => running.size,
    stop: (callId, code) => running.get(callId)?.stop(code),
    stoppedBy: () => allStoppedBy,
    stopAll(code) {
      allStoppedBy = code;
      for (const { stop } of running.values()) stop(code);
    },
    abandonAll(code) {
      for (const { settle } of running.values()) settle(busFailure('unknown', code));
    },
  };
}
