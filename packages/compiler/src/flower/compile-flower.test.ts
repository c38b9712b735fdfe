import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import fc from 'fast-check';
import { compileDocument } from '../compile-document.ts';
import { readDocument } from '../document/read-document.ts';

const options = { workspaceId: 'w', serverId: 's', secretNames: [], allowedHosts: [] };

const step = { id: 'a', request: { method: 'GET', url: 'https://api.example.test/' } };
const flow = { id: 'a_flow', description: 'A flow that tests change in one place.', steps: [step] };

function codes(document: Json, changed = {}): string[] {
  const { diagnostics } = compileDocument(JSON.stringify(document), { ...options, ...changed });
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code, pointer }) => `${code} ${pointer}`);
}

function flower(flows: Json): { [key: string]: Json } {
  return { flower: '0.1', id: 'test', flows };
}

describe('limits', () => {
  test('100 flows', () => {
    const flows = (count: number) =>
      flower(Array.from({ length: count }, (_, index) => ({ ...flow, id: `f${index}` })));
    expect(codes(flows(100))).toEqual([]);
    expect(codes(flows(1000))).toEqual(['too_many /flows']);
  });

  test('50 steps', () => {
    const steps = (count: number) => Array.from({ length: count }, (_, index) => ({ ...step, id: `s${index}` }));
    expect(codes(flower([{ ...flow, steps: steps(50) }]))).toEqual([]);
    expect(codes(flower([{ ...flow, steps: steps(10_000) }]))).toEqual(['too_many /flows/0/steps']);
  });

  const guide = { text: 'Guide' };
  const messages = [{ role: 'user', text: 'Hi' }];

  test('100 prompts', () => {
    const prompts = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `p${index}`, messages }));
    expect(codes({ ...flower([flow]), 'x-prompts': prompts(100) })).toEqual([]);
    expect(codes({ ...flower([flow]), 'x-prompts': prompts(101) })).toEqual(['too_many /x-prompts']);
  });

  test('200 resources, templates included', () => {
    const resources = (count: number) =>
      Array.from({ length: count }, (_, index) => {
        const address = index % 2 === 0 ? { uri: `docs://${index}` } : { uri_template: `docs://${index}/{page}` };
        return { ...guide, ...address, name: `r${index}` };
      });
    expect(codes({ ...flower([flow]), 'x-resources': resources(200) })).toEqual([]);
    expect(codes({ ...flower([flow]), 'x-resources': resources(201) })).toEqual(['too_many /x-resources']);
  });

  test('20 rounds of 10 questions', () => {
    const rounds = (count: number, size: number) =>
      Array.from({ length: count }, (_, round) =>
        Object.fromEntries(Array.from({ length: size }, (_, index) => [`q${round}_${index}`, { roots: {} }])),
      );
    expect(codes(flower([{ ...flow, 'x-ask': rounds(20, 10) }]))).toEqual([]);
    expect(codes(flower([{ ...flow, 'x-ask': rounds(21, 1) }]))).toEqual(['too_many /flows/0/x-ask']);
    expect(codes(flower([{ ...flow, 'x-ask': rounds(2, 11) }]))).toEqual([
      'too_many /flows/0/x-ask/0',
      'too_many /flows/0/x-ask/1',
    ]);
  });

  test('50 content blocks', () => {
    const content = (count: number) => Array.from({ length: count }, () => ({ type: 'text', text: 'Hi' }));
    expect(codes(flower([{ ...flow, 'x-content': content(50) }]))).toEqual([]);
    expect(codes(flower([{ ...flow, 'x-content': content(51) }]))).toEqual(['too_many /flows/0/x-content']);
  });

  test('a deadline of 1 to 300 seconds', () => {
    const deadlineMs = (seconds: number) =>
      compileDocument(JSON.stringify(flower([{ ...flow, 'x-deadline': seconds }])), options).document?.tools[0]?.plan
        .deadlineMs;
    expect([1, 2.5, 300].map(deadlineMs)).toEqual([1000, 2500, 300_000]);
    expect([0.5, 301].map(deadlineMs)).toEqual([undefined, undefined]);
  });

  test('outputs of 1 byte to 1 MiB', () => {
    const withBudget = (bytes: number) => flower([{ ...flow, 'x-output': { max_bytes: bytes } }]);
    expect(codes(withBudget(1))).toEqual([]);
    expect(codes(withBudget(1024 * 1024))).toEqual([]);
    expect(codes(withBudget(0))).toEqual(['out_of_range /flows/0/x-output/max_bytes']);
    expect(codes(withBudget(1024 * 1024 + 1))).toEqual(['out_of_range /flows/0/x-output/max_bytes']);
  });

  test('base64 of any length', () => {
    const blob = Buffer.alloc(600_000, 'x').toString('base64');
    expect(codes({ ...flower([flow]), 'x-resources': [{ uri: 'docs://a', name: 'a', blob }] })).toEqual([]);
  });

  test('1 MiB', () => {
    expect(codes(flower([{ ...flow, description: 'x'.repeat(1024 * 1024) }]))).toEqual(['document_too_large ']);
  });

  test('the number of listed problems', () => {
    const unknown = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key${index}`, 1]));
    const { document, diagnostics } = compileDocument(
      JSON.stringify({ ...unknown, flower: '0.1', id: 'a', flows: [flow] }),
      options,
    );
    expect(diagnostics).toHaveLength(501);
    expect(document).toBeUndefined();
  });
});

test('an expression in the host is allowed if the server has allowed hosts, a secret never (T5, B053)', () => {
  const request = { method: 'GET', url: 'https://{$config.region}.example.test/' };
  const document = flower([{ ...flow, steps: [{ ...step, request }] }]);
  expect(codes(document)).toEqual(['host_not_allowed /flows/0/steps/0/request/url']);
  expect(codes(document, { allowedHosts: ['*.example.test'] })).toEqual([]);
  const withSecret = { ...step, request: { method: 'GET', url: 'https://{$secrets.KEY}.example.test/' } };
  expect(codes(flower([{ ...flow, steps: [withSecret] }]), { allowedHosts: ['*.example.test'] })).toEqual([
    'credential_in_host /flows/0/steps/0/request/url',
  ]);
  const { document: compiled } = compileDocument(JSON.stringify(document), {
    ...options,
    allowedHosts: ['*.example.test'],
  });
  expect(compiled?.tools[0]?.plan.allowedHosts).toEqual(['*.example.test']);
});

test('inputs that let a call narrow its response are listed, the likeliest first', () => {
  const properties = Object.fromEntries(
    ['id', 'verbose', 'tag', 'pageSize', 'order', 'updated_since', 'colour'].map((name) => [name, {}]),
  );
  const { document } = compileDocument(
    JSON.stringify(flower([{ ...flow, inputs: { properties, required: ['id', 'pageSize'] } }])),
    options,
  );
  expect(document?.tools[0]?.plan.narrowingInputs).toEqual(['pageSize', 'updated_since', 'verbose', 'tag', 'order']);
});

test('a text of content, of a message or of a resource is empty if its reference names nothing', () => {
  const document = { ...flower([flow]), 'x-prompts': [{ id: 'p', messages: [{ role: 'user', text: '$inputs.a' }] }] };
  const prompts = [{ ...document['x-prompts'][0], arguments: { a: {} } }];
  const { document: compiled } = compileDocument(JSON.stringify({ ...document, 'x-prompts': prompts }), options);
  expect(JSON.stringify(compiled?.prompts?.[0]?.plan.content)).toContain(
    '["text",{"kind":"text","parts":[{"path":["inputs","a"]}]}]',
  );
});

describe('icons', () => {
  const withIcon = (src: string) => flower([{ ...flow, 'x-icons': [{ src }] }]);

  test('have a source of at most 2048 characters, or 64 KiB if it is the image itself', () => {
    const [url, data] = ['https://example.test/', 'data:image/png;base64,'];
    expect(codes(withIcon(url.padEnd(2048, 'a')))).toEqual([]);
    expect(codes(withIcon(url.padEnd(2049, 'a')))).toEqual(['invalid_icon /flows/0/x-icons/0/src']);
    expect(codes(withIcon(data.padEnd(65_536, 'a')))).toEqual([]);
    expect(codes(withIcon(data.padEnd(65_537, 'a')))).toEqual(['invalid_icon /flows/0/x-icons/0/src']);
  });
});

describe('inputs', () => {
  const withProperties = (properties: Json) => flower([{ ...flow, inputs: { properties } }]);

  test('have at most 500 properties in one place', () => {
    const texts = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { type: 'string' }]));
    expect(codes(withProperties(texts(500)))).toEqual([]);
    expect(codes(withProperties({ a: { properties: texts(1500) } }))).toEqual([
      'too_many /flows/0/inputs/properties/a/properties',
    ]);
  });

  test('hold at most 10,000 objects in all flows together', () => {
    const properties = Object.fromEntries(Array.from({ length: 98 }, (_, index) => [`p${index}`, {}]));
    const flows = Array.from({ length: 100 }, (_, index) => ({ ...flow, id: `f${index}`, inputs: { properties } }));
    const full = [...flows.slice(0, 99), { ...flow, id: 'last', inputs: { properties: { ...properties, more: {} } } }];
    expect(codes(flower(flows))).toEqual([]);
    expect(codes(flower(full))).toEqual(['too_many /flows/99']);
  });

  test.each(['examples', 'x-examples'])('have at most 20 %s each', (key) => {
    const withExamples = (count: number) => withProperties({ a: { type: 'string', [key]: Array(count).fill('a') } });
    expect(codes(withExamples(20))).toEqual([]);
    expect(codes(withExamples(21))).toEqual([`too_many /flows/0/inputs/properties/a/${key}`]);
  });
});

describe('a number with more digits than can be kept', () => {
  const id = '12345678901234567890';
  const withId = (document: Json) => compileDocument(JSON.stringify(document).replaceAll('"ID"', id), options);
  const codesWithId = (document: Json) =>
    withId(document).diagnostics.flatMap(({ severity, code, pointer }) =>
      severity === 'error' ? [`${code} ${pointer}`] : [],
    );

  test('is refused wherever it would be sent, shown or compared', () => {
    const request = { method: 'POST', url: 'https://api.example.test/', body: { id: 'ID' }, query: { id: ['ID'] } };
    const inputs = { properties: { id: { type: 'integer', default: 'ID' } } };
    const actions = [{ when: `$response.body.id == ${id}`, do: 'end' }, { do: 'next' }];
    expect(codesWithId(flower([{ ...flow, inputs, steps: [{ ...step, request, actions }] }]))).toEqual([
      'invalid_number /flows/0/steps/0/request/body/id',
      'invalid_number /flows/0/steps/0/request/query/id/0',
      'invalid_expression /flows/0/steps/0/actions/0/when',
      'invalid_number /flows/0/inputs/properties/id/default',
    ]);
  });

  test('is accepted as the bound of an input', () => {
    const inputs = { properties: { id: { type: 'integer', maximum: 'ID' } } };
    expect(codesWithId(flower([{ ...flow, inputs }]))).toEqual([]);
  });
});

test('an empty or foreign document is refused', () => {
  expect(codes(null)).toEqual(['wrong_type ']);
  expect(codes([])).toEqual(['wrong_type ']);
  expect(codes({})).toEqual(['unknown_format ']);
  expect(codes({ flower: '0.1' })).toEqual(['missing_key ', 'missing_key ']);
});

describe('any text is compiled or refused', () => {
  const folder = new URL('../../testdata/', import.meta.url);
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith('.flower.yaml'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'));

  function expectAnswer(source: string): void {
    const { document, diagnostics } = compileDocument(source, options);
    expect(document === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
  }

  test('arbitrary text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), expectAnswer));
  });

  test('a document with a piece removed or inserted', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constantFrom('$', '[', '{', '- ', ': ', '\n', '*steps', '$secrets.X'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...sources), fc.nat(), fc.nat({ max: 20 }), piece, (source, place, cut, put) => {
        const at = place % source.length;
        expectAnswer(source.slice(0, at) + put + source.slice(at + cut));
      }),
      { numRuns: 200 },
    );
  });

  test('a document with a value replaced by any other', () => {
    const documents = sources
      .map((source) => readDocument(source).document?.value)
      .filter((value) => value !== undefined);
    fc.assert(
      fc.property(fc.constantFrom(...documents), fc.nat(), fc.jsonValue({ maxDepth: 2 }), (document, place, other) => {
        let left = place % 200;
        const changed = JSON.stringify(document, (_, value: Json) => (left-- === 0 ? other : value)) ?? 'null';
        expectAnswer(changed);
      }),
      { numRuns: 200 },
    );
  });
});
