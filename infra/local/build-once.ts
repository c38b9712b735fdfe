import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from './local-error.ts';
import { runProgram } from './program.ts';
import { projectFolder } from './services.ts';

type Built = {
  /** Of what is built, for people. */
  name: string;
  /** Where its build script is, from the root of the project. */
  unit: string;
  /** All that it is made of, from there as well. */
  sources: readonly string[];
};

/**
 * Built files that are not in Git: built when there are none for these sources. Returns their folder. They get there
 * completely, so two processes that need them at the same time do not collide.
 */
export async function buildOnce({ name, unit, sources }: Built): Promise<string> {
  const folder = join(projectFolder, '.cache', unit.replaceAll('/', '-'));
  const built = join(folder, digestOf(['pnpm-lock.yaml', ...sources]));
  if (existsSync(built)) return built;
  mkdirSync(folder, { recursive: true });
  const unfinished = mkdtempSync(join(folder, 'unfinished-'));
  try {
    const args = ['--run', 'build', '--', '--outDir', unfinished, '--emptyOutDir'];
    // A build for tests has another environment, but the delivered files must be tested.
    const env = { ...process.env, NODE_ENV: 'production' };
    const cwd = join(projectFolder, unit);
    if (!(await runProgram(process.execPath, args, { cwd, env, isQuiet: true }))) {
      throw new LocalError(`the ${name} could not be built`);
    }
    moveUnlessThere(unfinished, built);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return built;
}

/** Another process may have been faster, with the same result. */
function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

/** Of what is in the files: a checkout changes their times and not always that. */
function digestOf(sources: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of globSync(sources, { cwd: projectFolder }).sort()) {
    hash.update(`${path}\n`).update(readFileSync(join(projectFolder, path)));
  }
  return hash.digest('hex');
}
