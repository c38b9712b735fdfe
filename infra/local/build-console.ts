import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from './local-error.ts';
import { runProgram } from './program.ts';
import { projectFolder } from './services.ts';

const SOURCES = [
  'pnpm-lock.yaml',
  'packages/{contracts,sealing}/src/**/*.ts',
  'services/console/{index.html,vite.config.ts,src/**/*.*}',
];

/**
 * The web console is built and not in Git: made when it is missing or was made of something else. Gives the folder in which
 * it is.
 */
export async function buildConsole(): Promise<string> {
  const sources = join(projectFolder, 'services', 'console');
  const built = join(sources, 'dist');
  const stamp = join(built, '.sources');
  const digest = digestOfSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return built;
  // Whoever builds it for tests has another environment, and what is delivered is tested.
  const env = { ...process.env, NODE_ENV: 'production' };
  const passed = await runProgram(process.execPath, ['--run', 'build'], { cwd: sources, env, isQuiet: true });
  if (!passed) throw new LocalError('the web console could not be built');
  writeFileSync(stamp, digest);
  return built;
}

/** Of what is in the files: a checkout changes their times and not always that. */
function digestOfSources(): string {
  const hash = createHash('sha256');
  for (const path of globSync(SOURCES, { cwd: projectFolder }).sort()) {
    hash.update(`${path}\n`).update(readFileSync(join(projectFolder, path)));
  }
  return hash.digest('hex');
}
