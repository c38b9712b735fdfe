import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { JSON_TYPE, type JsonSchema, toType } from './schema-types.ts';

/*
 * The web console has its own declarations of the responses that it reads, without the members that it does not need.
 * For each of them, a comment names the schema in the OpenAPI document: `Agent` of the API.
 */

const project = join(import.meta.dirname, '../../..');
const source = join(project, 'services/console/src');
mkdirSync(join(project, '.cache'), { recursive: true });
/** Inside the project, so that the compiler resolves the imports of the console. */
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

const files = globSync('**/*.{ts,tsx}', { cwd: source }).map((file) => {
  const path = join(source, file);
  return { path, text: readFileSync(path, 'utf8') };
});

const declared = files.flatMap(({ path, text }): Declared[] => {
  const comments = text.matchAll(/^\/\*\* .*`(\w+)` of the API.*\nexport type (\w+)/gm);
  return Array.from(comments, ([, schema = '', name = '']) => ({ schema, name, path }));
});

/**
 * The messages of the compiler if each response is read with the type that the console declares for it. A member that
 * the response never has is wrong even if the console declares it as optional.
 */
function check(given: Record<string, JsonSchema>): { status: number | null; said: string } {
  const types = Object.entries(given).map(([name, schema]) => `${JSON.stringify(name)}: ${toType(schema)};`);
  const reads = declared.flatMap(({ schema, name, path }, index) => {
    const [type, answer] = [`import(${JSON.stringify(path)}).${name}`, `Schemas['${schema}']`];
    return [
      `export const read${index} = (answer: ${answer}): ${type} => answer;`,
      `export const unknown${index}: Record<Exclude<keyof ${type}, keyof ${answer}>, never> = {};`,
    ];
  });
  writeFileSync(join(folder, 'answers.ts'), [JSON_TYPE, 'type Schemas = {', ...types, '};', ...reads, ''].join('\n'));
  const compilerOptions = { types: [] };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../services/console/tsconfig.json', compilerOptions, include: ['answers.ts'] }),
  );
  const compiler = join(project, 'node_modules/.bin/tsc');
  const { status, stdout, stderr } = spawnSync(compiler, ['-p', folder], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

test('every schema that the console names in a comment is the one of an exported type', () => {
  const named = files.flatMap(({ text }) => Array.from(text.matchAll(/`(\w+)` of the API/g), ([, name]) => name));
  // The exception is not a schema but a field of every operation.
  const expected = [...declared.map(({ schema }) => schema), 'operationId'];
  expect(named.toSorted()).toEqual(expected.toSorted());
});

test('the types of the console fit the answers that the OpenAPI document describes', () => {
  expect(declared.length).toBeGreaterThan(30);
  expect(check(schemas)).toEqual({ status: 0, said: '' });
});

test('an answer without a member that the console reads, or with another type, is found', () => {
  const { name: _, ...properties } = schemas['Agent']?.properties ?? {};
  const ApiKey = { ...schemas['ApiKey'], properties: { ...schemas['ApiKey']?.properties, name: { type: 'number' } } };
  const { said } = check({ ...schemas, Agent: { ...schemas['Agent'], properties }, ApiKey });
  expect(said).toMatch(/Property 'name' is missing .* required in type 'Agent'/);
  expect(said).toMatch(/'number' is not assignable to type 'string'/);
});

test('an optional member that the console reads, and that the answer never has, is found', () => {
  const { summary: _, ...properties } = schemas['ConnectorVersionDetail']?.properties ?? {};
  const { said } = check({ ...schemas, ConnectorVersionDetail: { ...schemas['ConnectorVersionDetail'], properties } });
  expect(said).toMatch(/Property 'summary' is missing in type '{}'/);
});
