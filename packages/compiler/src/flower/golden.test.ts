import { describe, expect, test } from '@jest/globals';
import { manifestSchema, planSchema } from '@toolplane/contracts';
import { casesOf, expectGolden, readCase, toLines } from '../../test/golden-files.ts';
import { compileDocument } from '../compile-document.ts';
import type { CompiledDocument } from '../compiled-document.ts';

const options = {
  workspaceId: 'workspace-1',
  serverId: 'server-1',
  secretNames: ['API_KEY', 'OTHER_KEY', 'TICKETS_KEY'],
  allowedHosts: [],
};

describe.each(casesOf('.flower.yaml'))('%s', (name) => {
  const { diagnostics, document } = compileDocument(readCase(`${name}.flower.yaml`), options);

  test('has the expected plan', () => {
    expectGolden(`${name}.plan.json`, document);
  });

  test('has the expected diagnostics', () => {
    expectGolden(`${name}.diagnostics.json`, toLines(diagnostics));
  });

  test('has a document if and only if there is no error, and its parts fit the contracts', () => {
    expect(document === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
    if (document === undefined) return;
    const { tools, prompts = [], resources = [], resourceTemplates = [] } = document;
    for (const { plan } of [...tools, ...prompts, ...resources, ...resourceTemplates]) {
      expect(planSchema.parse(plan)).toEqual(plan);
    }
    const manifest = toManifest(document);
    expect(manifestSchema.parse(manifest)).toEqual(manifest);
  });
});

function toManifest({ tools, prompts = [], resources = [], resourceTemplates = [] }: CompiledDocument): unknown {
  const planDigest = '';
  return {
    version: 1,
    kind: 'manifest',
    serverId: 's',
    slug: 's',
    workspaceId: 'w',
    revision: 1,
    state: 'running',
    isPublic: false,
    title: 's',
    tools: tools.map(({ tool }) => ({ ...tool, planDigest })),
    prompts: prompts.map(({ prompt }) => ({ ...prompt, planDigest })),
    resources: resources.map(({ resource }) => ({ ...resource, planDigest })),
    resourceTemplates: resourceTemplates.map(({ resourceTemplate }) => ({ ...resourceTemplate, planDigest })),
  };
}
