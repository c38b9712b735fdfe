import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readDocumentFiles } from './read-document-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'toolplane-documents-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: unknown): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const arazzo = (...urls: string[]) => ({
  arazzo: '1.0.1',
  sourceDescriptions: urls.map((url, index) => ({ name: `source${index}`, url })),
});

const nothing = { readInput: async () => '' };
const read = (path: string, given = new Map<string, string>(), stdin = nothing) =>
  readDocumentFiles(path, given, stdin);

const locationsOf = async (path: string, given?: Map<string, string>) =>
  (await read(path, given)).references.map(({ name, location }) => `${name} ${location}`);

describe('source files', () => {
  test('are found relative to the file that names them, as are the files that they name', async () => {
    const path = write('flows/main.json', arazzo('./nested/other%20flows.json', 'https://example.com/api.json'));
    write('flows/nested/other flows.json', arazzo('api.json', '../up.json'));
    write('flows/nested/api.json', { openapi: '3.1.0' });
    write('flows/up.json', { openapi: '3.1.0' });
    expect(await locationsOf(path)).toEqual([
      'source0 nested/other flows.json',
      'source0 nested/api.json',
      'source1 up.json',
    ]);
  });

  test('that name each other cause no endless loop', async () => {
    const path = write('main.json', arazzo('one.json'));
    write('one.json', arazzo('two.json'));
    write('two.json', arazzo('one.json', 'main.json'));
    expect(await locationsOf(path)).toContain('source0 two.json');
  });

  test('can be given by name', async () => {
    const path = write('main.json', arazzo('./api.json'));
    const other = write('elsewhere/api.json', { openapi: '3.1.0' });
    expect(await locationsOf(path, new Map([['source0', other]]))).toEqual(['source0 elsewhere/api.json']);
  });

  test.each([
    ['above the folder', '../../../etc/hostname'],
    ['through a link', './link.json'],
    ['from the root', '/etc/hostname'],
  ])('are not read from outside the folder: %s', async (_, url) => {
    const path = write('a/b/main.json', arazzo(url));
    symlinkSync('/etc/hostname', join(folder, 'a/b/link.json'));
    await expect(read(path)).rejects.toThrow(/outside|does not exist/);
  });

  test('a missing file is reported with its source', async () => {
    const path = write('main.json', arazzo('./gone.json'));
    await expect(read(path)).rejects.toThrow('gone.json, the document of the source "source0"');
  });

  test('a piped document names files relative to the current folder', async () => {
    const file = write('api.json', { openapi: '3.1.0' });
    const stdin = { readInput: async () => JSON.stringify(arazzo(relative('.', file))) };
    await expect(read('-', undefined, stdin)).rejects.toThrow('outside the document');
    const given = new Map([['source0', file]]);
    expect(await read('-', given, stdin)).toMatchObject({ name: 'stdin', files: given });
  });
});
