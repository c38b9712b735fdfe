import type { FetchLike } from '@modelcontextprotocol/client';
import type { HttpClient } from '../../egress/http-client.ts';
import { UpstreamError } from '../../egress/upstream-error.ts';

const ANSWER_BYTES_MAX = 1024 * 1024;
const ANSWER_MS_MAX = 10_000;

export type OAuthFetch = {
  fetch: FetchLike;
  /**
   * The reason why the last request got no response; the protocol's client wraps it in its own errors, or continues
   * without a response.
   */
  readonly failure: UpstreamError | undefined;
};

/**
 * Requests for metadata, registrations and tokens also go through the one outbound client, under the rules of the
 * workspace.
 */
export function createOAuthFetch(
  http: Pick<HttpClient, 'send'>,
  { workspaceId, signal }: { workspaceId: string; signal: AbortSignal },
): OAuthFetch {
  let failure: UpstreamError | undefined;
  return {
    get failure() {
      return failure;
    },
    fetch: async (input, init = {}) => {
      const { body } = init;
      try {
        const answer = await http.send({
          workspaceId,
          signal,
          url: new URL(input),
          timeoutMs: ANSWER_MS_MAX,
          method: init.method === 'POST' ? 'POST' : 'GET',
          headers: Object.fromEntries(new Headers(init.headers as Record<string, string>)),
          ...(body == null ? {} : { body: String(body) }),
          responseBytesMax: ANSWER_BYTES_MAX,
          // The named host must respond itself: a token from another host would belong to that host.
          returnsRedirects: true,
        });
        const { status, headers } = answer;
        const isEmpty = status === 204 || status === 205 || status === 304;
        const type = headers['content-type'];
        return new Response(isEmpty ? null : new Uint8Array(answer.body), {
          status,
          headers: type === undefined ? {} : { 'content-type': type },
        });
      } catch (thrown) {
        if (thrown instanceof UpstreamError) failure = thrown;
        throw thrown;
      }
    },
  };
}
