/** The channel for answering one request of a client, whatever transport it arrived over. */
export type ReplyChannel = {
  /** Sends a message before the answer: a notification, or a request to a legacy client. */
  readonly send: ((message: string) => void) | undefined;
  /** Fires when the client has disconnected. The era of the request decides what that means. */
  readonly gone: AbortSignal;
  /**
   * True if an open response ends with the answer: then a cancelled request is answered, too, while its client is
   * connected.
   */
  readonly mustAnswer: boolean;
  /** Ends the reply with an answer. `status` is for transports that answer over HTTP. */
  answer(status: number, body: string | Buffer, headers?: Record<string, string>): void;
  /** Ends the reply without a message: a notification or response was accepted (202). */
  accept(): void;
};
