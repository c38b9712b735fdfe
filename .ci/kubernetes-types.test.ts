import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { overlays, renderedPath } from '../infra/local/k8s/render.ts';
import { type KubernetesManifest, parseManifests, readManifests } from './manifests/read-manifests.ts';
import { toTypeModule } from './manifests/type-module.ts';

/** The form of the Kubernetes manifests, down to the last member: Kubernetes silently ignores a misspelt one. */

const project = join(import.meta.dirname, '..');
mkdirSync(join(project, '.cache'), { recursive: true });
/** The folder is inside the project, so that the compiler finds the types. */
const folder = mkdtempSync(join(project, '.cache/manifests-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns the compiler's messages about the sets of manifests, each of which is a file with the set's name. */
function checkTypes(sets: Record<string, KubernetesManifest[]>): string {
  const compilerOptions = { noEmit: true, strict: true, skipLibCheck: true, module: 'nodenext', types: [] };
  const files = Object.entries(sets).map(([name, manifests]) => {
    writeFileSync(join(folder, `${name}.mts`), toTypeModule(manifests));
    return `${name}.mts`;
  });
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, allowImportingTsExtensions: true }, files }),
  );
  return spawnSync(join(project, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' }).stdout;
}

const text = readFileSync(renderedPath('production'), 'utf8');

test('every manifest fits the type of its kind; one with an unknown member or a wrong type does not', () => {
  const sets = Object.fromEntries(overlays.map((overlay) => [overlay, readManifests(overlay)]));
  const broken = {
    misspelt: text.replace('readinessProbe:', 'readynessProbe:'),
    mistyped: text.replace('maxUnavailable: 0', 'maxUnavailable: [0]'),
    'custom-misspelt': text.replace('refreshInterval:', 'refreshIntervall:'),
    'custom-mistyped': text.replace('pollingInterval: ', 'pollingInterval: about '),
  };
  const brokenSets = Object.fromEntries(Object.entries(broken).map(([name, each]) => [name, parseManifests(each)]));
  const said = checkTypes({ ...sets, ...brokenSets });
  const files = new Set(Array.from(said.matchAll(/([\w-]+)\.mts\(/g), ([, name]) => name));
  expect([...files].toSorted()).toEqual(Object.keys(broken).toSorted());
  expect(said).toMatch(/misspelt\.mts.*readynessProbe.* does not exist in type 'Container'/);
});
