import type { Outcome } from '@toolplane/contracts';
import { systemClock } from '../src/execution/clock.ts';
import { createConnectionPool } from '../src/external-mcp/connection-pool.ts';
import { externalPlan } from './external-plan.ts';
import { client, runTool, type ToolRun } from './run-tool.ts';

/** A test file that uses this must close it after its tests. */
export const externalServers = createConnectionPool({ http: client });

export const known = { transport: 'http', era: 'legacy' } as const;

/** Calls the tool `anything` of an external server; `known` is the default for what is known about the server. */
export function callExternal(server: { url: string }, rest: ToolRun = {}, to: object = known): Promise<Outcome> {
  const plan = externalPlan(server, { kind: 'tool', name: 'anything' }, to);
  return runTool(plan, { clock: systemClock, services: { externalServers }, ...rest });
}

/** A JSON-RPC result. */
export const done = (id: number, result: object = { content: [] }) => ({ jsonrpc: '2.0', id, result });
