import type { ApiClient, ExternalMcpConfig, ReportedExternalMcpServer } from '@toolplane/api-client';
import { ApiError, violationsOf } from '../api/api-error.ts';

type Attached = Omit<ReportedExternalMcpServer, 'reviewed' | 'leftOut'>;

/**
 * The API accepts only the whole list, so the other servers are sent in their current state. A change that somebody
 * else makes in between is detected.
 */
export async function changeAttached(
  api: ApiClient,
  serverId: string,
  change: (configs: ExternalMcpConfig[]) => ExternalMcpConfig[],
): Promise<void> {
  const params = { path: { id: serverId } };
  const { data } = await api.GET('/mcp-servers/{id}', { params });
  const externalMcpConfigs = change(data.externalMcpConfigs.map(toConfig));
  await api.PATCH('/mcp-servers/{id}', { params, body: { version: data.version, externalMcpConfigs } });
}

/** An unchanged entry, which keeps its headers. */
function toConfig({ transport, ...attached }: Attached): ExternalMcpConfig {
  const { name, url, tools, prefix, pin, allow, timeoutMs, maxOutputBytes } = attached;
  const config = { name, url, tools, prefix, pin, allow, timeoutMs, maxOutputBytes };
  return { ...config, ...(transport === null ? {} : { transport }) };
}

/** People see the form of one server, so its index in the list is removed. */
export function toFormError(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  const details = violationsOf(error).map(({ path, message }) => {
    return { path: path.replace(/^body\.externalMcpConfigs\.\d+\./, 'body.'), message };
  });
  return new ApiError(error.status, { code: error.code, message: error.message, details });
}
