import { useQuery } from '@tanstack/react-query';
import type { McpServer } from '@toolplane/api-client';
import { ask } from '../api/send.ts';

/** The metadata of the platform's own authorization server, which not every deployment has. */
const METADATA = '/.well-known/oauth-authorization-server/oauth';

/**
 * Returns whether somebody issues tokens for this server: its own issuer, or the platform. A public server accepts
 * none.
 */
export function useTakesTokens({ isPublic, oauth }: McpServer): boolean {
  const hasOwnIssuer = oauth !== null;
  const ofPlatform = useQuery({
    queryKey: [METADATA],
    queryFn: async ({ signal }) => (await ask(new Request(METADATA, { signal }))).ok,
    enabled: !isPublic && !hasOwnIssuer,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return !isPublic && (hasOwnIssuer || ofPlatform.data === true);
}
