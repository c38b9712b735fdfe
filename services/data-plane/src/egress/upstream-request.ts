import type { HttpMethod } from '@toolplane/contracts';

/**
 * The position of a request within a run: its step, with the steps that led there, and its number within the attempt.
 */
export type RequestPosition = { step: string; attempt: number; index: number };

export type UpstreamRequest = {
  /** The workspace whose rules and limits the request uses. */
  workspaceId: string;
  url: string | URL;
  method: HttpMethod;
  /** The names are in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Not sent with a HEAD request, which has no body. */
  body?: string | Buffer;
  /** The origins to which nothing is sent, even if they are allowed otherwise. */
  refusedOrigins?: ReadonlySet<string> | undefined;
  /** Used by clients that stand in for upstreams. */
  position?: RequestPosition | undefined;
  /** If true, a redirect is returned like any other response; otherwise it is followed. */
  returnsRedirects?: boolean;
  /**
   * The hosts, besides its own, to which a request may be redirected; if absent, all that the rules allow. If an entry
   * names a port, it must match, too.
   */
  redirectHosts?: readonly string[] | undefined;
  /** Called before each redirect is followed; throws if no further request may be sent. */
  onRedirect?(): void;
  /** The size limit of the response; it cannot exceed the limit of the client. */
  responseBytesMax?: number | undefined;
  /** The time limit of the whole request, redirects included. */
  timeoutMs: number;
  signal: AbortSignal;
};
