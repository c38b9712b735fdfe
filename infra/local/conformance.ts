import { join } from 'node:path';
import { generateDatabaseClient } from './generate.ts';
import { runTask } from './local-error.ts';
import { runProgram } from './program.ts';
import { projectFolder, SOURCE_FLAGS } from './services.ts';
import { startThrowawayServers } from './throwaway-servers.ts';

/**
 * `npm run conformance -- [--replicas 2] [--revision 2026-07-28]`: runs the official MCP suite against the whole
 * platform; with `--client`, against the platform's client of external MCP servers, which needs no servers.
 */
await runTask(async () => {
  if (process.argv.includes('--client')) return run('client.ts');
  await generateDatabaseClient();
  const servers = await startThrowawayServers();
  try {
    await run('run.ts', servers.env);
  } finally {
    await servers.stop();
  }
});

async function run(script: string, given: Record<string, string> = {}): Promise<void> {
  const file = join(projectFolder, 'packages', 'e2e', 'conformance', script);
  const env = { ...process.env, ...given };
  if (!(await runProgram(process.execPath, [...SOURCE_FLAGS, file, ...process.argv.slice(2)], { env })))
    process.exitCode = 1;
}
