import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import fc from 'fast-check';
import { readDocument } from '../../document/read-document.ts';
import {
  exampleDocument,
  exampleStep,
  exampleWorkflow,
  read,
  readAndCheck,
  withStep,
  withWorkflow,
} from './read.example.ts';

const list = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('the text', () => {
  const yaml = [
    'arazzo: 1.0.1',
    'info: { title: Pets, version: 1.0.0 }',
    'sourceDescriptions:',
    '  - { name: pets, url: ./pets.yaml }',
    'workflows:',
    '  - workflowId: main',
    '    steps:',
    '      - stepId: one',
    '        operationId: getPets',
  ].join('\n');

  test('is YAML or JSON', () => {
    expect(readAndCheck(yaml)).toMatchObject({ errors: [], warnings: [] });
    expect(readAndCheck(exampleDocument())).toMatchObject({ errors: [], warnings: [] });
  });

  test('has problems with line and column', () => {
    const twice = `${yaml}\n        operationId: other\n        operationID: third`;
    const [duplicate, unknown] = read(twice).problems.toList();
    expect(duplicate).toMatchObject({ code: 'duplicate_key', line: 10, column: 9 });
    expect(unknown).toMatchObject({ code: 'unknown_key', line: 11, column: 9, hint: 'Did you mean "operationId"?' });
  });

  test.each([
    ['a custom tag', `${yaml}\n        description: !secret x`, 'custom_tag'],
    ['a key that is not a string', `${yaml}\n        [1]: x`, 'invalid_key'],
    ['a merge key', `${yaml}\n        <<: {}`, 'merge_key'],
    ['too many aliases', `x-a: &a 1\nx-b: [${'*a, '.repeat(51)}]\n${yaml}`, 'too_many_aliases'],
  ])('is refused with %s', (_, text, code) => {
    const { document, diagnostics } = readDocument(text);
    expect((document === undefined ? diagnostics : read(text).problems.toList()).map((each) => each.code)).toContain(
      code,
    );
  });
});

describe('the version', () => {
  test.each([
    ['1.0.0', 0],
    ['1.0.1', 0],
    ['1.0.99', 0],
    ['1.1.0', 1],
    ['1.1.7-rc1', 1],
  ])('%s is read, whatever its patch number', (arazzo, minor) => {
    expect(read(exampleDocument({ arazzo }))).toMatchObject({ errors: [], document: { minor } });
  });

  test.each<[Json]>([['2.0.0'], ['1.2.0'], ['1.0'], ['1'], [1.1], [2], [null]])('%j is refused', (arazzo) => {
    const { document, errors, problems } = read(exampleDocument({ arazzo }));
    expect(document).toBeUndefined();
    expect(errors).toEqual(['unsupported_version /arazzo']);
    expect(problems.toList()[0]?.message).toBe('The supported versions are Arazzo 1.0.x and 1.1.x');
  });

  test('is required', () => {
    const { arazzo: _, ...document } = exampleDocument();
    expect(read(document)).toMatchObject({ errors: ['missing_key '] });
    expect(read([])).toMatchObject({ errors: ['wrong_type '] });
  });
});

describe('extensions', () => {
  test('"$schema" at the root and any x- member are accepted', () => {
    const document = withStep(
      { 'x-note': 1 },
      { $schema: 'https://example.com/schema.json', 'x-owner': { team: 'a' } },
    );
    expect(read(document)).toMatchObject({ errors: [], warnings: [] });
  });

  test('those of a source description can be read', () => {
    const source = { name: 'pets', url: 'pets.yaml', 'x-stage': 'test', 'x-secrets': { key: 'PETS_KEY' } };
    const { document } = read(exampleDocument({ sourceDescriptions: [source] }));
    expect(document?.sources[0]).toMatchObject({ extensions: { 'x-stage': 'test' }, secrets: { key: 'PETS_KEY' } });
  });

  test('one of ours that is misspelled or misplaced is reported', () => {
    const document = withWorkflow({ 'x-mcp-nam': 'a', 'x-secrets': {} });
    expect(read(document).warnings).toEqual([
      'unknown_extension /workflows/0/x-mcp-nam',
      'unknown_extension /workflows/0/x-secrets',
    ]);
  });
});

describe('names are unique', () => {
  const twice = (item: Json): Json => [item, item];

  test('of source descriptions', () => {
    const other = { name: 'pets', url: 'other.yaml' };
    const document = exampleDocument({
      sourceDescriptions: [{ name: 'pets', url: 'a' }, other, { name: 'Pets', url: 'b' }],
    });
    expect(read(document).errors).toEqual(['duplicate_name /sourceDescriptions/1/name']);
  });

  test('of workflows and steps, case-sensitively', () => {
    const other = { ...exampleWorkflow, workflowId: 'Main' };
    const document = exampleDocument({ workflows: [exampleWorkflow, other, { ...exampleWorkflow, summary: 'Again' }] });
    expect(read(document).errors).toEqual(['duplicate_id /workflows/2/workflowId']);
    const steps = [exampleStep, { ...exampleStep, stepId: 'One' }, { ...exampleStep, description: 'Again' }];
    expect(read(withWorkflow({ steps })).errors).toEqual(['duplicate_id /workflows/0/steps/2/stepId']);
  });

  test('of parameters in one place, headers in any case', () => {
    const header = { name: 'X-Id', in: 'header', value: 1 };
    const path = { name: 'id', in: 'path', value: 1 };
    const parameters = [header, path, { ...path, in: 'query' }, { ...path, name: 'ID' }, { ...header, name: 'x-id' }];
    expect(read(withStep({ parameters })).errors).toEqual(['duplicate_parameter /workflows/0/steps/0/parameters/4']);
    expect(read(withWorkflow({ parameters: [path, { ...path, value: 2 }] })).errors).toEqual([
      'duplicate_parameter /workflows/0/parameters/1',
    ]);
  });

  test('of actions in a list', () => {
    const action = { name: 'stop', type: 'end' };
    const document = withStep({ onSuccess: [action], onFailure: [action, { ...action, criteria: [] }] });
    expect(read(document).errors).toEqual(['duplicate_name /workflows/0/steps/0/onFailure/1']);
  });

  test('of dependencies', () => {
    expect(read(withWorkflow({ dependsOn: twice('other') })).errors).toEqual([
      'duplicate_name /workflows/0/dependsOn/1',
    ]);
  });
});

describe('limits', () => {
  const workflows = (count: number) =>
    exampleDocument({ workflows: list(count, (index) => ({ ...exampleWorkflow, workflowId: `w${index}` })) });
  const steps = (count: number) =>
    withWorkflow({ steps: list(count, (index) => ({ ...exampleStep, stepId: `s${index}` })) });

  test('B046: 100 workflows, 200 steps', () => {
    expect(read(workflows(100)).errors).toEqual([]);
    expect(read(workflows(1000)).errors).toEqual(['too_many /workflows']);
    expect(read(steps(200)).errors).toEqual([]);
    const { errors, problems } = read(steps(10_000));
    expect(errors).toEqual(['too_many /workflows/0/steps']);
    expect(problems.toList()[0]?.message).toBe('There are 10000 steps; the limit is 200');
  });

  test('B046: descriptions of 64 KiB, documents of 1 MiB', () => {
    expect(read(withWorkflow({ description: 'x'.repeat(65_536) })).errors).toEqual([]);
    expect(read(withWorkflow({ description: 'x'.repeat(1_000_000) })).errors).toEqual([
      'too_long /workflows/0/description',
    ]);
    const { diagnostics } = readDocument(JSON.stringify(withWorkflow({ description: 'x'.repeat(10_000_000) })));
    expect(diagnostics[0]).toMatchObject({ code: 'document_too_large', message: 'The document is larger than 1 MiB' });
  });

  test('expressions of 8192 characters', () => {
    const condition = (length: number) => withStep({ successCriteria: [{ condition: 'x'.repeat(length) }] });
    expect(read(condition(8192)).errors).toEqual([]);
    expect(read(condition(8193)).errors).toEqual(['too_long /workflows/0/steps/0/successCriteria/0/condition']);
  });

  test.each([
    ['parameters', 200, { name: 'a', in: 'query', value: 1 }],
    ['onSuccess', 100, { name: 'a', type: 'end' }],
    ['successCriteria', 100, { condition: 'true' }],
    ['dependsOn', 200, 'a'],
  ])('%s: %i', (key, max, item) => {
    expect(read(withStep({ [key]: list(max + 1, () => item) })).errors).toContain(
      `too_many /workflows/0/steps/0/${key}`,
    );
  });

  test('nesting of 64', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(readDocument(`{"arazzo":"1.1.0","x-deep":${deep}}`).diagnostics[0]?.code).toBe('too_deep');
  });

  test('a large document with errors everywhere is read in time', () => {
    const parameters = list(200, () => ({}));
    const document = withWorkflow({
      steps: list(200, (index) => ({ stepId: `s${index}`, operationId: 'a', parameters })),
    });
    const started = cpuMs();
    expect(read(document).errors.length).toBeGreaterThan(100);
    expect(cpuMs() - started).toBeLessThan(6000);
  });
});

describe('the base of addresses', () => {
  const urls = (document: Json, location?: string) => {
    const { document: found } = read(document, location === undefined ? {} : { location });
    return [found?.self, found?.baseUri, found?.sources[0]?.resolvedUrl];
  };

  test('is "$self", otherwise the location of the document', () => {
    const self = 'https://other.example/specs/main.yaml';
    expect(urls(exampleDocument({ $self: self }))).toEqual([self, self, 'https://other.example/specs/pets.yaml']);
    const location = 'https://example.com/docs/pets.arazzo.yaml';
    expect(urls(exampleDocument())).toEqual([undefined, location, 'https://example.com/docs/pets.yaml']);
  });

  test('is a relative "$self", resolved first', () => {
    const self = 'https://example.com/v2/main.yaml';
    expect(urls(exampleDocument({ $self: '/v2/main.yaml' }))).toEqual([self, self, 'https://example.com/v2/pets.yaml']);
  });

  test('is absent if nothing declares it', () => {
    expect(urls(exampleDocument(), '')).toEqual([undefined, '', './pets.yaml']);
    const absolute = [{ name: 'pets', url: 'https://example.com/pets.yaml' }];
    expect(urls(exampleDocument({ sourceDescriptions: absolute }), '')).toEqual([undefined, '', absolute[0]?.url]);
  });

  test('has no fragment, and is new in 1.1', () => {
    expect(read(exampleDocument({ $self: 'https://example.com/a#b' })).errors).toEqual(['invalid_self /$self']);
    expect(read(exampleDocument({ $self: 'a', arazzo: '1.0.1' })).errors).toEqual(['unknown_key /$self']);
  });
});

describe('settings', () => {
  test('have defaults', () => {
    expect(read(exampleDocument()).document?.settings).toEqual({
      defaultSuccess: '2xx',
      actionInheritance: 'merge',
      endOnFailureIsError: true,
      jsonPathCompat: true,
      strictParameters: false,
      strictReplacements: false,
      retryAfterSecondsMax: 60,
      stepsRunMax: 200,
    });
  });

  test('are read and checked', () => {
    const settings = { defaultSuccess: 'documented', retryAfterMax: 5.5, stepsMax: 10, strictParameters: true };
    expect(read(exampleDocument({ 'x-settings': settings })).document?.settings).toMatchObject({
      defaultSuccess: 'documented',
      retryAfterSecondsMax: 5.5,
      stepsRunMax: 10,
      strictParameters: true,
    });
    const wrong = { defaultSuccess: 'any', stepsMax: 0, strictParameter: true };
    expect(read(exampleDocument({ 'x-settings': wrong })).errors).toEqual([
      'unknown_word /x-settings/defaultSuccess',
      'out_of_range /x-settings/stepsMax',
      'unknown_key /x-settings/strictParameter',
    ]);
  });
});

test('all problems are reported together', () => {
  const document = exampleDocument({
    info: { title: 'Pets' },
    sourceDescriptions: [{ name: 'no name', url: '', 'x-server': 'staging', 'x-secrets': { key: '1' } }],
    workflows: [{ workflowId: '', 'x-mcp-name': 'a b', steps: [{ stepId: 's' }, 1] }, 'text'],
    surplus: true,
  });
  expect(read(document).errors.toSorted()).toEqual([
    'invalid_id /workflows/0/workflowId',
    'invalid_name /sourceDescriptions/0/name',
    'invalid_name /sourceDescriptions/0/x-secrets/key',
    'invalid_name /workflows/0/x-mcp-name',
    'invalid_url /sourceDescriptions/0/url',
    'invalid_url /sourceDescriptions/0/x-server',
    'missing_key /info',
    'not_exactly_one /workflows/0/steps/0',
    'unknown_key /surplus',
    'wrong_type /workflows/0/steps/1',
    'wrong_type /workflows/1',
  ]);
});

describe('a document with any other value in place of one of its values is read or refused', () => {
  const folder = join(import.meta.dirname, '../../../testdata/oai-arazzo-specification');
  const files = ['v1.0-dev/tests/schema/pass/pet-coupons-example.yaml', 'v1.1-dev/tests/schema/pass/bnpl-example.yaml'];

  test.each(files)('%s', (file) => {
    const { document } = readDocument(readFileSync(join(folder, file), 'utf8'));
    const original = JSON.stringify(document?.value);
    const places = pointersOf(document?.value ?? null);
    const anything = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<Json>({ reference: '$components.inputs.a' }, { $ref: '#' }, { toString: 1 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), anything, (place, value) => {
        const changed = JSON.parse(original);
        place.slice(0, -1).reduce((inside, key) => inside[key], changed)[place.at(-1) ?? ''] = value;
        const { document: found, errors } = readAndCheck(changed);
        expect(found !== undefined || errors.length > 0).toBe(true);
      }),
    );
  });

  function pointersOf(value: Json, path: string[] = []): string[][] {
    if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path];
    const inside = Object.entries(value).flatMap(([key, member]) => pointersOf(member, [...path, key]));
    return path.length === 0 ? inside : [path, ...inside];
  }
});
