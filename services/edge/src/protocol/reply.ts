/** The way back to a client for one request, whatever transport it came over. */
export type Reply = {
  /** Sends a message before the answer: a notification, or a request to a legacy client. */
  readonly send: ((message: string) => void) | undefined;
  /** Fires when the client is gone. The era of the request decides what that means. */
  readonly gone: AbortSignal;
  /** An open response ends with the answer, so a cancelled request gets one, too, as long as its client is there. */
  readonly mustAnswer: boolean;
  /** Ends it. `status` is for transports that answer over HTTP. */
  answer(status: number, body: string | Buffer, headers?: Record<string, string>): void;
  /** Ends it without a message: a notification or response was accepted (202). */
  accept(): void;
};
