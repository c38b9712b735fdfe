/** The way back to a client for one request, whatever transport it came over. */
export type Reply = {
  /** Sends a message before the answer: a notification, or a request to a legacy client. */
  readonly send: ((message: string) => void) | undefined;
  /** Fires when the client is gone. What that means is decided by the era of the request. */
  readonly gone: AbortSignal;
  /** Ends it. `status` is for those transports that answer in HTTP. */
  answer(status: number, body: string | Buffer, headers?: Record<string, string>): void;
  /** Ends it without a message: a notification or response was taken (202). */
  accept(): void;
};
