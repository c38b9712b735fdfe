import { readFileSync } from 'node:fs';
import { join, matchesGlob, relative } from 'node:path';
import { projectFolder } from './project-folder.ts';

const rules = readFileSync(join(projectFolder, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ isException: line.startsWith('!'), pattern: line.replace(/^!/, '') }));

/** Whether Docker would be given a file of the project, by `.dockerignore`: the last rule that fits decides. */
export function isInContext(path: string): boolean {
  // To Docker a name that begins with a dot is one as others; no rule names any.
  const name = relative(projectFolder, path).replaceAll(/(^|\/)\./g, '$1_');
  const last = rules.findLast(({ pattern }) => matchesGlob(name, pattern) || matchesGlob(name, `${pattern}/**`));
  return last === undefined || last.isException;
}
