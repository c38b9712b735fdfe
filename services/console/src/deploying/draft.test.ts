import { expect, test } from '@jest/globals';
import type { DeploymentWithSource } from '@toolplane/api-client';
import { addReference, guessName, isArazzo, isSame, toStart } from './draft.ts';
import { STARTING_DOCUMENT } from './starting-document.ts';

const petstore = { name: 'petstore', content: 'openapi: 3.1.0', location: 'petstore.yaml' };

test('what came with a deployment is kept, and what was fetched for it is fetched again', () => {
  const fetched = { ...petstore, name: 'other', fetchedAt: '2026-11-01T00:00:00.000Z' };
  const sent = { ...petstore, sha256: 'ab' };
  const deployment: DeploymentWithSource = {
    id: 'dep_1',
    serverId: 'srv_1',
    state: 'active',
    error: null,
    createdAt: '2026-11-01T00:00:00.000Z',
    definition: 'arazzo: 1.0.1',
    references: [sent, fetched],
  };
  const start = toStart(deployment);
  expect(start).toMatchObject({ deploymentId: 'dep_1', definition: 'arazzo: 1.0.1', fetched: [fetched] });
  expect(start.references).toEqual([petstore]);
});

test('a draft differs by its text, and by any part of what it refers to', () => {
  const source = { definition: 'a', references: [petstore] };
  expect(isSame(source, { definition: 'a', references: [{ ...petstore }] })).toBe(true);
  expect(isSame(source, { definition: 'b', references: [petstore] })).toBe(false);
  expect(isSame(source, { definition: 'a', references: [{ ...petstore, name: 'pets' }] })).toBe(false);
  expect(isSame(source, { definition: 'a', references: [] })).toBe(false);
});

test('a file that is added again replaces its content and keeps the name that it was given', () => {
  const renamed = { ...petstore, name: 'pets' };
  const newer = { ...petstore, content: 'openapi: 3.2.0' };
  expect(addReference([renamed], newer)).toEqual([{ ...newer, name: 'pets' }]);
  expect(addReference([renamed], { ...newer, location: 'b.yaml' })).toHaveLength(2);
});

test.each([
  ['petstore.yaml', 'petstore'],
  ['petstore.openapi.JSON', 'petstore'],
  ['v1.2', 'v1.2'],
])('%s is most likely the source %s', (fileName, name) => {
  expect(guessName(fileName)).toBe(name);
});

test('an Arazzo document is known by its first key, in YAML and in JSON', () => {
  expect(isArazzo('# pets\narazzo: 1.0.1\n')).toBe(true);
  expect(isArazzo('{ "arazzo": "1.0.1" }')).toBe(true);
  expect(isArazzo('{\n  "arazzo": "1.0.1"\n}')).toBe(true);
  expect(isArazzo(STARTING_DOCUMENT.definition)).toBe(false);
});
