import { describe, expect, test } from '@jest/globals';
import { manifestSchema, planSchema } from '@toolplane/contracts';
import { casesOf, expectGolden, filesLike, readCase, toLines } from '../../test/golden-files.ts';
import { compileDocument } from '../compile-document.ts';
import type { Reference } from './sources/reference.ts';

describe.each(casesOf('.arazzo.yaml'))('%s', (name) => {
  const { diagnostics, document } = compileDocument(readCase(`${name}.arazzo.yaml`), {
    workspaceId: 'workspace-1',
    serverId: 'server-1',
    secretNames: ['SHOP_KEY'],
    allowedHosts: [],
    references: referencesOf(name),
  });

  test('has the expected plan', () => {
    expectGolden(`${name}.plan.json`, document);
  });

  test('has the expected diagnostics', () => {
    expectGolden(`${name}.diagnostics.json`, toLines(diagnostics));
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

/** Returns the sources of a case, which are files beside it: `<case>.<name of the source description>.source.yaml`. */
function referencesOf(name: string): Reference[] {
  return filesLike(`${name}.`, '.source.yaml').map((file) => {
    const source = file.slice(name.length + 1, -'.source.yaml'.length);
    return { name: source, content: readCase(file), location: `https://docs.example.test/${source}.yaml` };
  });
}
