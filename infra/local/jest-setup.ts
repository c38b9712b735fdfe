import { startThrowawayServers, type ThrowawayServers } from './throwaway-servers.ts';

declare global {
  var throwawayServers: ThrowawayServers | undefined;
}

/** One PostgreSQL and one Redis for all test files of the project `real`; its workers inherit the environment. */
export default async function startServers(): Promise<void> {
  globalThis.throwawayServers = await startThrowawayServers();
  Object.assign(process.env, globalThis.throwawayServers.env);
}
