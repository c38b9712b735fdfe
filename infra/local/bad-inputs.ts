import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectFolder } from './services.ts';

export type BadInput = { id: string; area: string; input: string; expect: string };

/** The catalogue of hostile inputs. Each id is in the title of a test, or in `notApplicable` with a reason. */
export function readBadInputs(): BadInput[] {
  const file = join(projectFolder, 'packages', 'e2e', 'data', 'bad-inputs.json');
  return JSON.parse(readFileSync(file, 'utf8')) as BadInput[];
}

/**
 * Inputs that cannot reach the product. A feature that makes one of them possible adds its test and removes its entry
 * here.
 */
export const notApplicable: Readonly<Record<string, string>> = {};

/** The ids of threats (T1…), faults (F1…) and bad inputs (B001…), as titles of tests name them. */
const ID = /\b(?:T[1-9]\d?|F[1-9]\d?|B\d{3})\b/g;

export function idsIn(title: string): string[] {
  return title.match(ID) ?? [];
}

/**
 * The test files that name ids, with these ids. Ids in comments do not count, and of a range only its two ends count.
 */
export function findSecurityTests(): { path: string; ids: string[] }[] {
  const contracts = readSources('contract');
  return readSources('test').flatMap(({ path, text }) => {
    // The tests of a contract are run by the test files that import it.
    const imported = contracts.filter((contract) => text.includes(`/${basename(contract.path)}'`));
    const ids = [text, ...imported.map((contract) => contract.text)].flatMap(idsIn);
    return ids.length === 0 ? [] : [{ path, ids }];
  });
}

function readSources(kind: 'test' | 'contract'): { path: string; text: string }[] {
  const paths = globSync(`{packages,services,infra}/**/*.${kind}.ts`, {
    cwd: projectFolder,
    exclude: (path) => /(^|\/)node_modules(\/|$)/.test(path),
  });
  return paths.map((path) => ({ path, text: withoutComments(readFileSync(join(projectFolder, path), 'utf8')) }));
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}
