import { describe, expect, test } from '@jest/globals';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import fc from 'fast-check';
import { listMissingFiles, listMissingSources } from './list-missing-sources.ts';
import { arazzo, openApi, reference } from './sources.example.ts';

function missing(definition: unknown, ...references: Parameters<typeof listMissingSources>[1]): string[] {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  return listMissingSources(text, references).map(({ name, url }) => `${name} ${url}`);
}

describe('lists what has to be fetched', () => {
  test('absolute URLs, including those that $self makes absolute, each once', () => {
    const sources = [
      { name: 'a', url: 'https://example.com/a.json' },
      { name: 'b', url: './b.json' },
      { name: 'c', url: 'https://example.com/a.json#part' },
    ];
    expect(missing(arazzo(sources))).toEqual(['c https://example.com/a.json']);
    expect(missing(arazzo(sources, { $self: 'https://example.com/specs/own.json' }))).toEqual([
      'c https://example.com/a.json',
      'b https://example.com/specs/b.json',
    ]);
  });

  test('nothing that was given', () => {
    const sources = ['a', 'b'].map((name) => ({ name, url: `https://example.com/${name}.json` }));
    expect(
      missing(
        arazzo(sources),
        reference('a', openApi(), 'file'),
        reference('x', openApi(), 'https://example.com/b.json'),
      ),
    ).toEqual([]);
  });

  test('what source documents name, once these are there', () => {
    const definition = arazzo([{ name: 'flows', url: 'https://example.com/f/flows.yaml' }]);
    const flows = 'arazzo: 1.0.1\nsourceDescriptions:\n  - name: api\n    url: ./api.json\n';
    const given = reference('flows', flows, 'https://example.com/f/flows.yaml');
    expect(missing(definition)).toEqual(['flows https://example.com/f/flows.yaml']);
    expect(missing(definition, given)).toEqual(['api https://example.com/f/api.json']);
    const api = reference('api', openApi(), 'https://example.com/f/api.json');
    expect(missing(definition, given, api)).toEqual([]);
  });

  test('URLs in a given file, relative to the URL that it stands for', () => {
    const definition = arazzo([{ name: 'flows', url: 'https://example.com/f/flows.json' }]);
    const flows = reference('flows', arazzo([{ name: 'api', url: 'api.json' }]), 'upload.json');
    expect(missing(definition, flows)).toEqual(['api https://example.com/f/api.json']);
  });

  test('nothing for documents that name each other in circles', () => {
    const definition = arazzo([{ name: 'b', url: 'https://example.com/b.json' }], {
      $self: 'https://example.com/a.json',
    });
    const b = arazzo([
      { name: 'a', url: 'https://example.com/a.json' },
      { name: 'b', url: 'https://example.com/b.json' },
    ]);
    expect(missing(definition, reference('b', b))).toEqual([]);
  });
});

describe('only https is fetched', () => {
  test.each([
    'http://example.com/a.json',
    'file:///etc/passwd',
    'ftp://example.com/a.json',
    'data:application/json,{}',
    './relative.json',
    '//example.com/a.json',
    'javascript:1',
    '',
    'https://',
  ])('%j is not', (url) => {
    expect(missing(arazzo([{ name: 'a', url }]))).toEqual([]);
  });
});

test('AsyncAPI sources are not fetched', () => {
  expect(missing(arazzo([{ name: 'a', url: 'https://example.com/a.json', type: 'asyncapi' }]))).toEqual([]);
});

test('repeated fetching and asking comes to an end', () => {
  const references: ReturnType<typeof reference>[] = [];
  const next = (index: number) => arazzo([{ name: 'next', url: `https://example.com/${index}.json` }]);
  for (let index = 0; ; index += 1) {
    const [found] = listMissingSources(JSON.stringify(next(0)), references);
    if (found === undefined) break;
    references.push(reference(found.name, next(index + 1), found.url));
  }
  expect(references).toHaveLength(19);
});

describe('any text gives an answer', () => {
  test.each([
    ['nothing', ''],
    ['Flower', 'flower: "0.1"\nid: a\nflows: []'],
    ['broken YAML', 'arazzo: 1.0.1\na: ['],
    [
      'invalid sources',
      { arazzo: '1.0.1', sourceDescriptions: [1, null, {}, { name: 1, url: 2 }, { url: 'https://x' }] },
    ],
    ['sources that are not a list', { arazzo: '1.0.1', sourceDescriptions: { a: 1 } }],
    ['a list', '[]'],
    ['a million blank lines', `${'\n'.repeat(1_000_000)}x`],
    ['an empty document of 100 000 lines', `arazzo:${'\n'.repeat(100_000)}`],
    ['a million spaces', `${' '.repeat(1_000_000)}x`],
    ['deep nesting', `{"arazzo": ${'['.repeat(100_000)}`],
  ])('%s', (_, definition) => {
    const start = cpuMs();
    expect(missing(definition)).toEqual([]);
    expect(cpuMs() - start).toBeLessThan(6000);
  });

  test('arbitrary text', () => {
    const json = fc.json({ maxDepth: 3 });
    const sources = fc.array(fc.record({ name: fc.string(), url: fc.oneof(fc.webUrl(), fc.string()) }), {
      maxLength: 3,
    });
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      json,
      sources.map((list) => JSON.stringify(arazzo(list))),
    );
    fc.assert(
      fc.property(text, text, fc.string(), (definition, content, location) => {
        for (const { url } of listMissingSources(definition, [{ name: 'a', content, location }])) {
          expect(url.startsWith('https://')).toBe(true);
        }
      }),
    );
  });
});

describe('files that relative URLs name', () => {
  const files = (definition: unknown, ...references: Parameters<typeof listMissingFiles>[1]) =>
    listMissingFiles(JSON.stringify(definition), references).map(({ name, url, from }) => `${name} ${url} ${from}`);

  test('are listed with the path of the document that names them', () => {
    const definition = arazzo([
      { name: 'flows', url: './nested/flows.json' },
      { name: 'far', url: 'https://example.com/a.json' },
    ]);
    expect(files(definition)).toEqual(['flows ./nested/flows.json ']);
    const nested = arazzo([{ name: 'api', url: 'api.json' }]);
    expect(files(definition, reference('flows', nested, 'nested/flows.json'))).toEqual([
      'api api.json nested/flows.json',
    ]);
  });

  test('are not listed if the document declares its own URL', () => {
    expect(files(arazzo([{ name: 'a', url: './a.json' }], { $self: 'https://example.com/own.json' }))).toEqual([]);
  });

  test.each([
    'https://example.com/a.json',
    'http://example.com/a.json',
    'file:///etc/passwd',
    'data:,',
    'c:\\a.json',
    '',
  ])('%j is not one', (url) => {
    expect(files(arazzo([{ name: 'a', url }]))).toEqual([]);
  });
});
