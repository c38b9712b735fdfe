import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const project = join(import.meta.dirname, '../../..');

// Anyone who deploys can provide documents: an engine that ran their text as code would hand over its process.
test('nothing that ships runs text as code', () => {
  const sources = globSync('{packages,services}/*/src/**/*.ts', { cwd: project }).filter(
    (path) => !/\.test\.ts$|\/(?:generated|node_modules)\//.test(path),
  );
  const pattern = /\beval\s*\(|\bnew Function\b|[^\w.]Function\(/;
  const found = sources.filter((path) => pattern.test(readFileSync(join(project, path), 'utf8')));
  expect(sources.length).toBeGreaterThan(100);
  expect(found).toEqual([]);
});
