import { join } from 'node:path';
import { generateDatabaseClient } from './generate.ts';
import { runTask } from './local-error.ts';
import { runProgram } from './program.ts';
import { projectFolder } from './services.ts';
import { startThrowawayServers } from './throwaway-servers.ts';

/** `npm run conformance -- [--replicas 2] [--revision 2026-07-28]`: the official MCP suite against the whole platform. */
await runTask(async () => {
  await generateDatabaseClient();
  const servers = await startThrowawayServers();
  try {
    const script = join(projectFolder, 'packages', 'e2e', 'conformance', 'run.ts');
    const flags = ['--conditions=toolplane-source', '--disable-warning=ExperimentalWarning'];
    const env = { ...process.env, ...servers.env };
    if (!(await runProgram(process.execPath, [...flags, script, ...process.argv.slice(2)], { env }))) {
      process.exitCode = 1;
    }
  } finally {
    await servers.stop();
  }
});
