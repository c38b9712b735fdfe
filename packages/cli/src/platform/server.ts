/** As much of `McpServer` of the API as is used. */
export type McpServer = {
  id: string;
  slug: string;
  /** Of its MCP endpoint. */
  url: string;
  /** `stopped` also of one without a deployment. */
  state: 'stopped' | 'running' | 'errored';
  isStopped: boolean;
  mode: 'SMART' | 'NORMAL';
  /** Of the data planes that run its calls; `null`: the default one. */
  pool: string | null;
};
