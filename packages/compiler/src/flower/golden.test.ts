import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '@toolplane/contracts';
import { manifestSchema, planSchema } from '@toolplane/contracts';
import { compileDocument } from '../compile-document.ts';
import type { CompiledDocument } from '../compiled-document.ts';

// `UPDATE_GOLDEN=1` writes the current output of the compiler; review the diff.
const folder = new URL('../../testdata/', import.meta.url);
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const files = new Set(readdirSync(folder));
const cases = [...files]
  .filter((file) => file.endsWith('.flower.yaml'))
  .map((file) => file.replace('.flower.yaml', ''));

const options = {
  workspaceId: 'workspace-1',
  serverId: 'server-1',
  secretNames: ['API_KEY', 'OTHER_KEY', 'TICKETS_KEY'],
  allowedHosts: [],
};

describe.each(cases)('%s', (name) => {
  const { diagnostics, document } = compileDocument(
    readFileSync(new URL(`${name}.flower.yaml`, folder), 'utf8'),
    options,
  );

  test('has the expected plan', () => {
    expectFile(`${name}.plan.json`, document);
  });

  test('has the expected diagnostics', () => {
    expectFile(`${name}.diagnostics.json`, diagnostics.length === 0 ? undefined : diagnostics.map(toLine));
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

function toLine({ line, column, severity, code, pointer, message, hint }: Diagnostic): string {
  return `${line}:${column} ${severity} ${code} ${pointer}: ${message}. ${hint}`;
}

function expectFile(file: string, content: unknown): void {
  const url = new URL(file, folder);
  if (isUpdate) {
    if (content !== undefined) writeFileSync(url, `${JSON.stringify(content, null, 2)}\n`);
    else if (files.has(file)) rmSync(url);
  } else {
    expect(content).toEqual(files.has(file) ? JSON.parse(readFileSync(url, 'utf8')) : undefined);
  }
}
