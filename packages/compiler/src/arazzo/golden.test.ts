import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Diagnostic, manifestSchema, planSchema } from '@toolplane/contracts';
import { compileDocument } from '../compile-document.ts';
import type { Reference } from './sources/reference.ts';

// `UPDATE_GOLDEN=1` writes the current output of the compiler; review the diff. The sources of a case lie beside it,
// as `<case>.<name of the source description>.source.yaml`.
const folder = new URL('../../testdata/', import.meta.url);
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const files = new Set(readdirSync(folder));
const cases = [...files]
  .filter((file) => file.endsWith('.arazzo.yaml'))
  .map((file) => file.replace('.arazzo.yaml', ''));

describe.each(cases)('%s', (name) => {
  const { diagnostics, document } = compileDocument(read(`${name}.arazzo.yaml`), {
    workspaceId: 'workspace-1',
    serverId: 'server-1',
    secretNames: ['SHOP_KEY'],
    allowedHosts: [],
    references: referencesOf(name),
  });

  test('has the expected plan', () => {
    expectFile(`${name}.plan.json`, document);
  });

  test('has the expected diagnostics', () => {
    expectFile(`${name}.diagnostics.json`, diagnostics.length === 0 ? undefined : diagnostics.map(toLine));
  });

  test('has a document if and only if there is no error, and its parts fit the contracts', () => {
    expect(document === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
    for (const { plan, tool } of document?.tools ?? []) {
      expect(planSchema.parse(plan)).toEqual(plan);
      const listed = { ...tool, planDigest: '' };
      expect(manifestSchema.shape.tools.parse([listed])).toEqual([listed]);
    }
  });
});

function read(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8');
}

function referencesOf(name: string): Reference[] {
  const sources = [...files].filter((file) => file.startsWith(`${name}.`) && file.endsWith('.source.yaml'));
  return sources.map((file) => {
    const source = file.slice(name.length + 1, -'.source.yaml'.length);
    return { name: source, content: read(file), location: `https://docs.example.test/${source}.yaml` };
  });
}

function toLine({ source, line, column, severity, code, pointer, message, hint }: Diagnostic): string {
  const place = source === undefined ? '' : `${source} `;
  return `${place}${line}:${column} ${severity} ${code} ${pointer}: ${message}. ${hint}`;
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
