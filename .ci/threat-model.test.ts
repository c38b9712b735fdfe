import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const project = join(import.meta.dirname, '..');
const page = readFileSync(join(project, 'docs/reference/threat-model.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| T\d/.test(line));
/** Cells like `path`: title */
const proofs = rows.flatMap((row) =>
  [...row.matchAll(/`([^`]+\.test\.ts)`: (.+?)(?=<br>| \|$)/g)].map(([, path = '', title = '']) => ({ path, title })),
);

test('the page of threats has T1 to T37, each once', () => {
  const numbers = rows.map((row) => /^\| (T\d+)/.exec(row)?.[1]);
  expect(numbers).toEqual(Array.from({ length: 37 }, (_, index) => `T${index + 1}`));
});

test('a threat without a proof says why', () => {
  const unproved = rows.filter((row) => !row.includes('.test.ts`: ')).map((row) => row.split(' | ')[2]);
  expect(unproved).toEqual([expect.stringContaining('there is no console yet'), expect.stringContaining('yet')]);
});

test.each(proofs)('$path has the test that the page of threats names: $title', ({ path, title }) => {
  const file = join(project, path);
  expect(existsSync(file) && readFileSync(file, 'utf8').includes(title)).toBe(true);
});
