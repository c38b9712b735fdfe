import type { Answer } from '../api/send.ts';
import { useAnswer } from '../api/use-api.ts';
import type { ConnectorDetail, ConnectorSummary } from './connector.ts';
import type { ConnectorInstance } from './instance.ts';

/**
 * The connector in the version that an instance runs. Most run the active version, whose answer does not contain the
 * descriptor.
 */
export function useRunningConnector({ connector: slug, version }: ConnectorInstance) {
  const active = useAnswer<ConnectorDetail>(`/connectors/${slug}`);
  const isAnother = version !== null && active.data !== undefined && active.data.data.version !== version;
  const another = useAnswer<ConnectorSummary>(`/connectors/${slug}/versions/${version}`, {}, { isWanted: isAnother });
  const running: { data: Answer<ConnectorSummary> | undefined; isError: boolean; error: unknown } = isAnother
    ? another
    : active;
  return running;
}
