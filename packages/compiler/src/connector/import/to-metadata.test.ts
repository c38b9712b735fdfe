import { expect, test } from '@jest/globals';
import { importApi } from './import.example.ts';
import { toVersion } from './to-metadata.ts';

test.each([
  ['1.2.3', '1.2.3'],
  ['v2', '2.0.0'],
  ['2024-01-09', '2024.1.9'],
  ['1.0.0-beta.1', '1.0.0-beta.1'],
  ['Wed Oct 15 2025', '0.1.0'],
  ['12345678901.1', '0.1.0'],
  [undefined, '0.1.0'],
])('the version %s is %s', (written, version) => {
  expect(toVersion(written)).toBe(version);
});

test.each([
  ['Ü', 'Ü API', 'u-api'],
  ['', 'An API', 'an-api'],
  ['Large <b>Things</b>', 'Large Things', 'large-things'],
])('a title %j makes a name and a slug that are long enough', (title, name, slug) => {
  const { connector } = importApi({ '/a': { get: {} } }, { info: { title, version: '1' } });
  expect(connector.metadata).toMatchObject({ name, slug, publisher: name });
});

test('given values take precedence over those of the document', () => {
  const given = { slug: 'my-slug', name: 'My name', publisher: 'Me' };
  expect(importApi({ '/a': { get: {} } }, {}, given).connector.metadata).toMatchObject(given);
});
