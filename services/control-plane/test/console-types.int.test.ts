import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { JSON_TYPE, type JsonSchema, toType } from './schema-types.ts';

/*
 * The web console declares the answers that it reads by itself, without what it does not need. A comment names the
 * schema of each in the OpenAPI document: `Agent` of the API.
 */

const project = join(import.meta.dirname, '../../..');
const source = join(project, 'services/console/src');
mkdirSync(join(project, '.cache'), { recursive: true });
/** Inside the project, so that the compiler finds what the console imports. */
const folder = mkdtempSync(join(project, '.cache/console-types-'));

let plane: TestControlPlane;
let schemas: Record<string, JsonSchema>;
beforeAll(async () => {
  plane = await startTestControlPlane();
  ({ schemas } = (await plane.send('GET', '/api/v1/openapi.json', undefined, { key: '' })).body.components);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await plane.close();
});

type Declared = { schema: string; name: string; path: string };

const declared = globSync('**/*.{ts,tsx}', { cwd: source }).flatMap((file): Declared[] => {
  const path = join(source, file);
  const comments = readFileSync(path, 'utf8').matchAll(/^\/\*\* .*`(\w+)` of the API.*\nexport type (\w+)/gm);
  return Array.from(comments, ([, schema = '', name = '']) => ({ schema, name, path }));
});

/** What the compiler says when each answer is read as what the console takes it for. */
function check(given: Record<string, JsonSchema>): string {
  const types = Object.entries(given).map(([name, schema]) => `${JSON.stringify(name)}: ${toType(schema)};`);
  const reads = declared.map(
    ({ schema, name, path }) =>
      `export const ${name}From = (answer: Schemas['${schema}']): import(${JSON.stringify(path)}).${name} => answer;`,
  );
  writeFileSync(join(folder, 'answers.ts'), [JSON_TYPE, 'type Schemas = {', ...types, '};', ...reads, ''].join('\n'));
  const compilerOptions = { types: [] };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../services/console/tsconfig.json', compilerOptions, include: ['answers.ts'] }),
  );
  return spawnSync(join(project, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' }).stdout;
}

test('the types of the console fit the answers that the OpenAPI document describes', () => {
  expect(declared.length).toBeGreaterThan(30);
  expect(check(schemas)).toBe('');
});

test('an answer without a member that the console reads, or with another type, is found', () => {
  const { name: _, ...properties } = schemas['Agent']?.properties ?? {};
  const ApiKey = { ...schemas['ApiKey'], properties: { ...schemas['ApiKey']?.properties, name: { type: 'number' } } };
  const said = check({ ...schemas, Agent: { ...schemas['Agent'], properties }, ApiKey });
  expect(said).toMatch(/Property 'name' is missing .* required in type 'Agent'/);
  expect(said).toMatch(/'number' is not assignable to type 'string'/);
});
