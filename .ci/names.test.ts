import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** One noun per concept: two exported types have one name only if they mean the same. */

const project = join(import.meta.dirname, '..');

/** Types that are declared in more than one unit, and why. */
const exceptions: Record<string, string> = {
  ApiError: 'Each client of the REST API has its own error for a refusal: the command line tool ends with it.',
  Principal: 'Edge and control plane each say who is calling, and need to know different things about them.',
  SealingPurpose: 'The query of one route, as the control plane accepts it and as clients send it.',
  SeenRequest: 'See `Upstream`.',
  TestDatabase: 'The control plane is tested with a database of its own, also where there is no platform.',
  Upstream: 'The data plane and the platform are tested with an upstream each, which can do different things.',
};

/** What the REST API answers, under the names of its OpenAPI document, which the control plane gives to its own types. */
const NAMES_OF_API = 'packages/api-client/src/schemas.ts';

const files = globSync('{packages,services,infra,.ci}/**/*.{ts,tsx}', {
  cwd: project,
  exclude: (path) => /(^|\/)(node_modules|generated|dist|testdata|results)(\/|$)/.test(path),
}).filter((path) => path !== NAMES_OF_API);

describe('exported types', () => {
  const declared = new Map<string, Set<string>>();
  for (const path of files) {
    const [unit = ''] = /^(\.ci|[^/]+\/[^/]+)/.exec(path) ?? [];
    const text = readFileSync(join(project, path), 'utf8');
    for (const [, name = ''] of text.matchAll(/^export (?:declare |abstract )*(?:type|interface|class) (\w+)/gm)) {
      declared.set(name, (declared.get(name) ?? new Set()).add(unit));
    }
  }
  const shared = [...declared].filter(([, units]) => units.size > 1).map(([name, units]) => [name, ...units]);

  test('of two units do not have the same name, except those in the table', () => {
    expect(shared.filter(([name = '']) => !(name in exceptions))).toEqual([]);
  });

  test('are in the table only while two units declare them', () => {
    const names = shared.map(([name]) => name);
    expect(Object.keys(exceptions).filter((name) => !names.includes(name))).toEqual([]);
  });
});
