/** Events that a service logs and counts. None of them contains any part of a payload. */
export type BusEvent =
  | { type: 'redis_ready' | 'redis_lost' }
  /** Redis answers but refuses: a wrong password, a missing right, no memory left. */
  | { type: 'redis_refused'; reason: string; command?: string }
  /** Redis was restarted or another server took over. */
  | { type: 'epoch_changed' }
  /** A job that was not sealed by a caller, or was changed afterwards: dropped unexecuted. */
  | { type: 'envelope_rejected'; callId: string }
  /** A reply that was not sealed by a worker for this call: ignored. */
  | { type: 'reply_rejected'; callId: string }
  /** An answer to a question that was not sealed by the caller of this call: ignored. */
  | { type: 'answer_rejected'; callId: string }
  /** A second delivery of a call whose fence is taken: dropped unexecuted. */
  | { type: 'already_started'; callId: string }
  /** A delivery of a call whose fence has expired or was deleted, so it may have run: dropped unexecuted. */
  | { type: 'fence_missing'; callId: string }
  | { type: 'worker_lost'; callId: string; outcome: 'not_started' | 'unknown' }
  /** The handler threw instead of answering with an outcome. */
  | { type: 'handler_failed'; callId: string; error: unknown }
  | { type: 'queue_error'; error: unknown };
