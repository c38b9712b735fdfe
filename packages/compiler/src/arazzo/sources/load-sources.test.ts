import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import type { LoadedSources } from './load-sources.ts';
import { arazzo, load, openApi, reference } from './sources.example.ts';

const url = 'https://example.com/api.json';
const source = { name: 'api', url };

function operationIds(sources: LoadedSources, name = 'api'): string[] | undefined {
  const loaded = sources.get(name);
  return loaded?.kind === 'openapi' ? loaded.api.operationIds() : undefined;
}

/** Returns the sources of an Arazzo source. */
function inside(sources: LoadedSources, name: string): LoadedSources {
  const loaded = sources.get(name);
  return loaded?.kind === 'arazzo' ? loaded.sources : new Map();
}

describe('the content decides the kind', () => {
  test.each([
    ['openapi', openApi('op')],
    ['arazzo', arazzo([source])],
    ['asyncapi', { asyncapi: '3.0.0' }],
    ['openapi', 'openapi: 3.0.0\npaths: {}\n'],
  ])('%s', (kind, content) => {
    const { sources, problems } = load(arazzo([{ ...source, name: 'one' }]), [
      reference('one', content),
      reference('api', openApi('op')),
    ]);
    expect(problems).toEqual([]);
    expect(sources.get('one')?.kind).toBe(kind);
  });

  test('a wrong type is an error', () => {
    const { sources, problems } = load(arazzo([{ ...source, type: 'arazzo' }]), [reference('api', openApi('op'))]);
    expect(problems).toEqual([
      'wrong_source_type /sourceDescriptions/0/url: Source "api" is declared as arazzo, but its document is openapi',
    ]);
    expect(sources.size).toBe(0);
  });

  test('a document of another kind is an error', () => {
    expect(load(arazzo([source]), [reference('api', { info: {} })]).problems).toEqual([
      'unknown_source_kind /sourceDescriptions/0/url: The document of source "api" is neither OpenAPI nor Arazzo',
    ]);
  });

  test('an AsyncAPI source needs no document', () => {
    const { sources, problems } = load(arazzo([{ ...source, type: 'asyncapi' }]), []);
    expect(problems).toEqual([]);
    expect(sources.get('api')).toEqual({ kind: 'asyncapi' });
  });
});

describe('a source that cannot be used is reported where it is named', () => {
  test.each([
    ['OpenAPI 2.0', { swagger: '2.0' }, 'unsupported_openapi', 'It is OpenAPI 2.0 (Swagger), which is not supported'],
    ['a duplicate key', 'openapi: 3.0.0\nopenapi: 3.0.0', 'duplicate_key', '(line 2, column 1)'],
    ['invalid YAML', 'a: [', 'invalid_yaml', '(line 1'],
    ['more than 5 MiB', 'x'.repeat(6_000_000), 'document_too_large', 'larger than 5 MiB'],
    ['nothing', '', 'unknown_source_kind', 'neither'],
  ])('%s', (_, content, code, message) => {
    const { sources, problems } = load(arazzo([source]), [reference('api', content)]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${code} /sourceDescriptions/0/url: `);
    expect(problems[0]).toContain(message);
    expect(sources.size).toBe(0);
  });

  test('one that has no document', () => {
    expect(load(arazzo([source]), []).problems).toEqual([
      'source_missing /sourceDescriptions/0/url: There is no document for source "api"',
    ]);
  });

  test('one that could not be fetched, with the reason', () => {
    expect(load(arazzo([source]), [], { [url]: 'it is not allowed' }).problems).toEqual([
      `source_unavailable /sourceDescriptions/0/url: The document of source "api" could not be fetched from ${url}: it is not allowed`,
    ]);
  });
});

test('what is missing is reported by what finds it: a name, or its URL for a source of a source', () => {
  expect(load(arazzo([source]), []).hints).toEqual([expect.stringContaining('as the reference "api".')]);
  const nested = load(arazzo([{ name: 'child', url: 'https://example.com/child.json' }]), [
    reference('child', arazzo([source])),
    reference('api', openApi('op'), 'elsewhere.json'),
  ]);
  expect(nested.hints).toEqual([expect.stringContaining(`as a reference with the location ${url}.`)]);
});

describe('a reference is found', () => {
  test('by name, before one with the same URL', () => {
    const references = [reference('other', openApi('far'), url), reference('api', openApi('near'), 'file.json')];
    expect(operationIds(load(arazzo([source]), references).sources)).toEqual(['near']);
  });

  test('by URL among several with the name', () => {
    const references = [reference('api', openApi('far'), 'x.json'), reference('api', openApi('near'), url)];
    expect(operationIds(load(arazzo([source]), references).sources)).toEqual(['near']);
  });

  test.each([
    ['as written', './specs/api.json', {}, 'specs/api.json'],
    [
      'resolved against $self',
      './specs/api.json',
      { $self: 'https://example.com/a/b.json' },
      'https://example.com/a/specs/api.json',
    ],
    ['without its fragment', `${url}#top`, {}, url],
  ])('by URL, %s', (_, written, more, location) => {
    const { sources, problems } = load(arazzo([{ name: 'api', url: written }], more), [
      reference('x', openApi('op'), location),
    ]);
    expect(problems).toEqual([]);
    expect(operationIds(sources)).toEqual(['op']);
  });

  test('by the $self of its document', () => {
    const inner = arazzo([{ name: 'api', url }], { $self: 'https://example.com/known' });
    const { sources, problems } = load(arazzo([{ name: 'flows', url: 'https://example.com/known' }]), [
      reference('x', inner, 'https://mirror.example/a.json'),
      reference('y', openApi('op'), url),
    ]);
    expect(problems).toEqual([]);
    expect(operationIds(inside(sources, 'flows'))).toEqual(['op']);
  });

  // Two documents may each have a source "api" and mean different ones.
  test('in the document of a source by its URL, whatever else has the same name', () => {
    const inner = arazzo([{ name: 'api', url: './inner.json' }]);
    const definition = arazzo([source, { name: 'flows', url: 'https://example.com/f/flows.json' }]);
    const { sources, problems } = load(definition, [
      reference('api', openApi('outer'), url),
      reference('flows', inner, 'https://example.com/f/flows.json'),
      reference('api', openApi('inner'), 'https://example.com/f/inner.json'),
    ]);
    expect(problems).toEqual([]);
    expect(operationIds(sources)).toEqual(['outer']);
    expect(operationIds(inside(sources, 'flows'))).toEqual(['inner']);
  });

  test('in the document of a source by name, if nothing could be fetched', () => {
    const { sources, problems } = load(arazzo([{ name: 'flows', url: './flows.json' }]), [
      reference('flows', arazzo([{ name: 'api', url: './api.json' }]), 'uploaded-1'),
      reference('api', openApi('op'), 'uploaded-2'),
    ]);
    expect(problems).toEqual([]);
    expect(operationIds(inside(sources, 'flows'))).toEqual(['op']);
  });

  test('but never by the name of a built-in object member', () => {
    const names = ['constructor', '__proto__'].map((name) => ({ name, url: `https://example.com/${name}` }));
    const codes = load(arazzo(names), []).problems.map((problem) => problem.split(' ')[0]);
    expect(codes).toEqual(['source_missing', 'source_missing']);
  });
});

describe('documents of sources', () => {
  test('have the hash of their content', () => {
    const api = reference('api', openApi('op'));
    const { sources } = load(arazzo([source]), [api]);
    const hash = createHash('sha256').update(api.content).digest('hex');
    expect(sources.get('api')).toMatchObject({ hash });
  });

  test('are located by their URL, not by the file that was given', () => {
    const { sources } = load(arazzo([source]), [reference('api', openApi('op'), 'local.json')]);
    expect(sources.get('api')).toMatchObject({ api: { location: url } });
    const relative = load(arazzo([{ name: 'api', url: './api.json' }]), [
      reference('api', openApi('op'), 'local.json'),
    ]);
    expect(relative.sources.get('api')).toMatchObject({ api: { location: 'local.json' } });
  });

  test('are loaded once, however many documents name them', () => {
    const both = arazzo([{ name: 'third', url: 'https://example.com/third.json' }]);
    const definition = arazzo(['one', 'two'].map((name) => ({ name, url: `https://example.com/${name}.json` })));
    const third = reference('third', arazzo([source]));
    const { sources } = load(definition, [
      reference('one', both),
      reference('two', both),
      third,
      reference('api', openApi('op')),
    ]);
    const [one, two] = ['one', 'two'].map((name) => inside(sources, name).get('third'));
    expect(one).toBeDefined();
    expect(one).toBe(two);
  });

  test('have their problems reported in themselves, after those of the deployed one', () => {
    const inner = arazzo([source], { workflows: [{ workflowId: 'w', steps: [{ stepId: 's' }] }] });
    const middle = arazzo([{ name: 'inner', url: 'https://example.com/inner.json' }]);
    const definition = arazzo([{ name: 'middle', url: 'https://example.com/middle.json' }], {
      'x-settings': { stepsMax: 'a' },
    });
    const { problems } = load(definition, [reference('middle', middle), reference('inner', inner)]);
    const places = problems.map((problem) => problem.split(':', 1).join());
    expect(places[0]).toContain('/x-settings/stepsMax');
    expect(places.slice(1).every((place) => place.startsWith('middle.inner '))).toBe(true);
    expect(places).toContain('middle.inner source_missing /sourceDescriptions/0/url');
  });

  test('may name each other in circles', () => {
    const definition = arazzo([{ name: 'other', url: 'https://example.com/other.json' }], {
      $self: 'https://example.com/own.json',
    });
    const other = arazzo([
      { name: 'own', url: 'https://example.com/own.json' },
      { name: 'self', url: '#' },
    ]);
    const { sources, problems } = load(definition, [reference('other', other)]);
    expect(problems).toEqual([]);
    const back = inside(sources, 'other');
    expect(inside(back, 'own')).toBe(sources);
    expect(back.get('self')).toBe(sources.get('other'));
  });
});

describe('limits', () => {
  test('19 documents beside the deployed one', () => {
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const definition = arazzo(names.map((name) => ({ name, url: `https://example.com/${name}.json` })));
    const { sources, problems } = load(
      definition,
      names.map((name) => reference(name, openApi('op'))),
    );
    expect(sources.size).toBe(19);
    expect(problems).toEqual([
      'too_many_sources /sourceDescriptions/19/url: The sources refer to more than 19 documents',
    ]);
  });

  test('20 MiB together', () => {
    const names = Array.from({ length: 6 }, (_, index) => `s${index}`);
    const definition = arazzo(names.map((name) => ({ name, url: `https://example.com/${name}.json` })));
    const large = JSON.stringify({ ...openApi('op'), 'x-more': 'x'.repeat(4 * 1024 ** 2) });
    const { sources, problems } = load(
      definition,
      names.map((name) => reference(name, large)),
    );
    expect(sources.size).toBe(4);
    expect(problems[0]).toContain('sources_too_large /sourceDescriptions/4/url');
  });

  test('an unreadable document is parsed once, however many name it', () => {
    const broken = `arazzo: 1.1.0\na: [${'1, '.repeat(300_000)}`;
    const definition = arazzo(Array.from({ length: 100 }, (_, index) => ({ name: `s${index}`, url })));
    const start = cpuMs();
    expect(load(definition, [reference('x', broken, url)]).problems).toHaveLength(1);
    expect(cpuMs() - start).toBeLessThan(10_000);
  });
});
