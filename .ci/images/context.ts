import { readFileSync } from 'node:fs';
import { join, matchesGlob, relative } from 'node:path';
import { projectFolder } from '../../infra/local/services.ts';

const rules = readFileSync(join(projectFolder, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ isException: line.startsWith('!'), pattern: line.replace(/^!/, '') }));

/**
 * Whether a file of the project is in Docker's build context, by `.dockerignore`: the last rule that matches decides.
 */
export function isInContext(path: string): boolean {
  // For Docker, a name that begins with a dot is like any other; no rule names one.
  const name = relative(projectFolder, path).replaceAll(/(^|\/)\./g, '$1_');
  const last = rules.findLast(({ pattern }) => matchesGlob(name, pattern) || matchesGlob(name, `${pattern}/**`));
  return last === undefined || last.isException;
}
