import type { ConnectorDetail, ConnectorInstance, ConnectorVersionDetail } from '@toolplane/api-client';
import type { ApiAnswer } from '../api/send.ts';
import { useAnswer } from '../api/use-api.ts';

/**
 * The connector in the version that an instance runs. Most run the active version, whose answer does not contain the
 * descriptor.
 */
export function useRunningConnector({ connector: slug, version }: ConnectorInstance) {
  const active = useAnswer('/connectors/{slug}', { path: { slug } });
  const isAnother = version !== null && active.data !== undefined && active.data.data.version !== version;
  const another = useAnswer(
    '/connectors/{slug}/versions/{version}',
    { path: { slug, version: version ?? '' } },
    { isWanted: isAnother },
  );
  const running: {
    data: ApiAnswer<ConnectorDetail | ConnectorVersionDetail> | undefined;
    isError: boolean;
    error: unknown;
  } = isAnother ? another : active;
  return running;
}
