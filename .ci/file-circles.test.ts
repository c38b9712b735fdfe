import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

/**
 * Circles of files that are one recursion: each is named by one of its files. Everything else can be read in one
 * direction, types included.
 */
const recursions: Readonly<Record<string, string>> = {
  'packages/expressions/src/queries/jsonpath/compile-walk.ts':
    'a path of JSONPath contains filters, and filters contain paths',
  'services/data-plane/src/execution/run-workflow.ts': 'a step of a workflow can call another workflow',
  'services/data-plane/src/execution/run.ts':
    'the types of a run and of what it uses name each other: a run has its trace, and a trace reads its run',
};

const project = join(import.meta.dirname, '..');
const units = globSync('{packages,services}/*/src', { cwd: project });

test.each(units)('the files of %s do not import each other in a circle', (unit) => {
  const circles = findCircles(readImports(unit));
  expect(circles.filter((circle) => !circle.some((file) => file in recursions))).toEqual([]);
});

test('every listed recursion still exists', () => {
  const circles = units.flatMap((unit) => findCircles(readImports(unit)));
  expect(Object.keys(recursions).filter((file) => !circles.some((circle) => circle.includes(file)))).toEqual([]);
});

/** For each file of the unit, the other files of the unit that it imports, types included. */
function readImports(unit: string): Map<string, string[]> {
  const exclude = (path: string) => /(^|\/)generated(\/|$)|\.test\.tsx?$/.test(path);
  const files = new Set(globSync(`${unit}/**/*.{ts,tsx}`, { cwd: project, exclude }));
  return new Map(
    Array.from(files, (file) => {
      const specifiers = readFileSync(join(project, file), 'utf8').matchAll(/(?:from |import\()'(\.[^']+)'/g);
      const imported = Array.from(specifiers, ([, specifier = '']) => join(dirname(file), specifier));
      return [file, imported.filter((other) => files.has(other))];
    }),
  );
}

/** Returns the groups of files of which each leads to every other one (Tarjan's strongly connected components). */
function findCircles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const numbers = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const visit = (file: string): number => {
    const number = numbers.size;
    numbers.set(file, number);
    lowest.set(file, number);
    path.push(file);
    for (const other of imports.get(file) ?? []) {
      const reached = numbers.has(other) ? (path.includes(other) ? numbers.get(other) : undefined) : visit(other);
      lowest.set(file, Math.min(lowest.get(file) ?? number, reached ?? number));
    }
    if (lowest.get(file) === number) {
      const circle = path.splice(path.indexOf(file));
      if (circle.length > 1) circles.push(circle);
    }
    return lowest.get(file) ?? number;
  };
  for (const file of imports.keys()) if (!numbers.has(file)) visit(file);
  return circles;
}
