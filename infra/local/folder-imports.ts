import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/*
 * The imports between the folders of a unit, read from the sources: no tool that draws or checks imports reads
 * TypeScript 7 yet. Imports of types count, because they also lead a reader from folder to folder; tests do not.
 */

const project = join(import.meta.dirname, '..', '..');

/** For each folder directly in a unit's `src`: the other such folders that it imports, and in how many statements. */
export type FolderImports = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Reads the imports of a unit, such as `services/edge/src`. Files directly in it belong to no folder: they wire the
 * folders together, or all folders use them.
 */
export function readFolderImports(unit: string): FolderImports {
  const imports = new Map<string, Map<string, number>>();
  const exclude = (path: string) => /(^|\/)(node_modules|generated)(\/|$)|\.test\.tsx?$/.test(path);
  for (const path of globSync('*/**/*.{ts,tsx}', { cwd: join(project, unit), exclude }).toSorted()) {
    const folder = folderOf(path);
    const imported = imports.get(folder) ?? new Map<string, number>();
    imports.set(folder, imported);
    const text = readFileSync(join(project, unit, path), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from |import\()'(\.[^']+)'/g)) {
      const target = join(dirname(path), specifier);
      const other = folderOf(target);
      if (!target.includes('/') || other === '..' || other === folder) continue;
      imported.set(other, (imported.get(other) ?? 0) + 1);
      if (!imports.has(other)) imports.set(other, new Map());
    }
  }
  return imports;
}

function folderOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

/**
 * Returns the folders of a unit in the order in which each may import only those after it: the order of ARCHITECTURE.md,
 * then the folders that it does not list.
 */
export function orderFolders(unit: string, imports: FolderImports): string[] {
  const listed = readFolderMap()
    .filter((path) => dirname(path) === unit)
    .map((path) => basename(path));
  const others: string[] = [];
  const visited = new Set(listed);
  const visit = (folder: string) => {
    if (visited.has(folder)) return;
    visited.add(folder);
    for (const imported of imports.get(folder)?.keys() ?? []) visit(imported);
    others.unshift(folder);
  };
  for (const folder of imports.keys()) visit(folder);
  return [...listed, ...others];
}

/** Reads the map of folders in ARCHITECTURE.md: lines `name/  what it is`, indented by two for each level. */
export function readFolderMap(): string[] {
  const above: string[] = [];
  const lines = readFileSync(join(project, 'ARCHITECTURE.md'), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, indent, name] = /^( *)([\w./-]+)\/ {2,}\S/.exec(line) ?? [];
    if (indent === undefined || name === undefined) return [];
    above.splice(indent.length / 2);
    above.push(name);
    return [above.join('/')];
  });
}
