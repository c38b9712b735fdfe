import { join } from 'node:path';
import { buildOnce } from './build-once.ts';

/** Returns the path of the file that the command line tool was built into. */
export async function buildCli(): Promise<string> {
  const folder = await buildOnce({
    name: 'command line tool',
    unit: 'packages/cli',
    sources: [
      'package.json',
      'packages/{api-client,compiler,contracts,expressions,json-schema,regex,sealing}/src/**/*.{ts,json}',
      'packages/cli/{vite.config.ts,src/**/*.ts}',
    ],
  });
  return join(folder, 'toolplane.mjs');
}
