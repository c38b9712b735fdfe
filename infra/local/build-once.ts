import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from './local-error.ts';
import { runProgram } from './program.ts';
import { projectFolder } from './services.ts';

type Built = {
  /** The name of what is built, for messages. */
  name: string;
  /** The folder of the package with the build script, relative to the root of the project. */
  unit: string;
  /** Patterns of all files that it is built from, relative to the root of the project. */
  sources: readonly string[];
};

/**
 * Returns the folder of built files, which are not in Git, and builds them if none exist for the current sources. The
 * folder appears only when it is complete, so two processes that need it at the same time do not collide.
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

/** Another process may have built the same files in the meantime. */
function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

/** A digest of the content of the files: a checkout changes their times, but not always their content. */
function digestOf(sources: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of globSync(sources, { cwd: projectFolder }).sort()) {
    hash.update(`${path}\n`).update(readFileSync(join(projectFolder, path)));
  }
  return hash.digest('hex');
}
