import { describe, expect, test } from '@jest/globals';
import { compileDocument } from './compile-document.ts';

const options = { workspaceId: 'w', serverId: 's', secretNames: [], allowedHosts: [] };

function codes(definition: string): string[] {
  return compileDocument(definition, options).diagnostics.map(({ severity, code }) => `${severity} ${code}`);
}

describe('the format of a document', () => {
  test('is given by the key at its root', () => {
    expect(codes('flower: "0.1"\nid: a\nflows: []')).toEqual(['error empty_list']);
    expect(codes('arazzo: 1.0.1\ninfo: { title: a, version: "1" }\nsourceDescriptions: []\nworkflows: []')).toEqual([
      'error empty_list',
      'error empty_list',
    ]);
  });

  test('is asked for if none of the keys is there, with all of them named', () => {
    const { diagnostics, document } = compileDocument('openapi: 3.1.0', options);
    expect(diagnostics).toEqual([
      {
        severity: 'error',
        code: 'unknown_format',
        message: 'The document has none of "flower", "arazzo" and "metadata"',
        hint: 'Begin with flower: "0.1" or arazzo: 1.0.1; a connector begins with metadata.',
        pointer: '',
        line: 1,
        column: 1,
      },
    ]);
    expect(document).toBeUndefined();
  });

  test('does not matter if the document is not an object', () => {
    expect(['', '[]', 'text', '5'].map(codes)).toEqual(Array(4).fill(['error wrong_type']));
  });
});

test('a number with too many digits is refused in Flower and Arazzo, and accepted in a descriptor', () => {
  const number = 'x-id: 12345678901234567890';
  const isRefused = (definition: string) => codes(definition).includes('error invalid_number');
  expect(['flower: "0.1"', 'arazzo: 1.0.1', 'metadata: {}'].map((key) => isRefused(`${key}\n${number}`))).toEqual([
    true,
    true,
    false,
  ]);
});
