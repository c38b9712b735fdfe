import { buildOnce } from './build-once.ts';

/** Returns the folder of the built web console. */
export function buildConsole(): Promise<string> {
  return buildOnce({
    name: 'web console',
    unit: 'services/console',
    sources: [
      'packages/{api-client,contracts,sealing}/src/**/*.ts',
      'services/console/{index.html,vite.config.ts,src/**/*.*}',
    ],
  });
}
