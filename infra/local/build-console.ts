import { buildOnce } from './build-once.ts';

/** Gives the folder of the web console as it was built. */
export function buildConsole(): Promise<string> {
  return buildOnce({
    name: 'web console',
    unit: 'services/console',
    sources: ['packages/{contracts,sealing}/src/**/*.ts', 'services/console/{index.html,vite.config.ts,src/**/*.*}'],
  });
}
