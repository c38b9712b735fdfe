import { join } from 'node:path';
import { projectFolder } from './services.ts';
import { startThrowawayServers, type ThrowawayServers } from './throwaway-servers.ts';

declare global {
  var throwawayServers: ThrowawayServers | undefined;
}

/**
 * Starts one PostgreSQL and one Redis for all test files of the project `real`; its workers inherit the environment.
 */
export default async function startServers(): Promise<void> {
  globalThis.throwawayServers = await startThrowawayServers();
  const NODE_COMPILE_CACHE = join(projectFolder, '.cache', 'compiled');
  Object.assign(process.env, globalThis.throwawayServers.env, { NODE_COMPILE_CACHE });
}
