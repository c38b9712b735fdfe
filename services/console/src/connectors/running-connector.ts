import type { Answer } from '../api/send.ts';
import { useAnswer } from '../api/use-api.ts';
import type { ConnectorDetail, ConnectorSummary } from './connector.ts';
import type { ConnectorInstance } from './instance.ts';

/** What the version says that an instance runs: most run the active one, whose answer has no descriptor in it. */
export function useRunningConnector({ connector: slug, version }: ConnectorInstance) {
  const active = useAnswer<ConnectorDetail>(`/connectors/${slug}`);
  const isAnother = version !== null && active.data !== undefined && active.data.data.version !== version;
  const another = useAnswer<ConnectorSummary>(`/connectors/${slug}/versions/${version}`, {}, { isWanted: isAnother });
  const running: { data: Answer<ConnectorSummary> | undefined; isError: boolean; error: unknown } = isAnother
    ? another
    : active;
  return running;
}
