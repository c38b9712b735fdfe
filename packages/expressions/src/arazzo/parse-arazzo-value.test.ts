import { describe, expect, test } from '@jest/globals';
import type { Json, Template } from '@toolplane/contracts';
import fc from 'fast-check';
import { exampleBudget } from '../budget.example.ts';
import { compileTemplate } from '../compile-template.ts';
import { ExpressionError } from '../expression-error.ts';
import { exampleScope } from '../scope.example.ts';
import type { Scope } from '../scope.ts';
import { exampleHooks } from './hooks.example.ts';
import { parseArazzoValue } from './parse-arazzo-value.ts';
import { parseTextTemplate } from './parse-text-template.ts';
import { readVectors } from './vectors.example.ts';

const vectors = readVectors<{
  context: { inputs: Scope['inputs']; steps: Scope['steps'] };
  cases: { template: string; expect: Json }[];
}>('interpolation');

function evaluate(value: Json, scope: Scope = exampleScope()): Json | undefined {
  return compileTemplate(parseArazzoValue(value, exampleHooks().hooks))(scope, exampleBudget());
}

/** Returns what parsing returned and reported. */
function parse(value: Json, options?: { selectors?: boolean; sparse?: boolean }) {
  const { hooks, errors, warnings } = exampleHooks();
  const template: Template = parseArazzoValue(value, hooks, options);
  return { template, errors, warnings };
}

describe('values in texts', () => {
  const scope = { ...exampleScope(), ...vectors.context };
  test.each(vectors.cases.map((one) => [one.template, one.expect] as const))('%s', (template, expected) => {
    if (expected === 'error') expect(() => evaluate(template, scope)).toThrow(ExpressionError);
    else expect(evaluate(template, scope)).toEqual(expected);
  });

  test('many expressions in one text, beside braces that stay', () => {
    expect(evaluate('{"a": {{$inputs.delta}}, {$inputs.city}/{$method}?{x}{$y}')).toBe(
      '{"a": {-3}, Marseille/GET?{x}{$y}',
    );
  });

  test('a text is never built with a value missing', () => {
    expect(() => evaluate('a {$inputs.nope}')).toThrow(ExpressionError);
    expect(evaluate('a {$inputs.nothing}')).toBe('a null');
  });
});

describe('objects and lists', () => {
  test('every string is parsed, keys and other values are not', () => {
    const value = { a: ['$inputs.city', 'in {$inputs.city}', 3, null], '$inputs.city': true, '{$method}': 1 };
    expect(evaluate(value)).toEqual({
      a: ['Marseille', 'in Marseille', 3, null],
      '$inputs.city': true,
      '{$method}': 1,
    });
  });

  test('a value without expressions is one literal', () => {
    expect(parse({ a: [{ b: '$5' }] }).template).toEqual({ kind: 'literal', value: { a: [{ b: '$5' }] } });
  });

  test('absent values are left out of a sparse map, at every level', () => {
    const { template } = parse({ a: '$inputs.nope', b: { c: '$inputs.nothing', d: '$inputs.nope' } }, { sparse: true });
    expect(template).toMatchObject({
      kind: 'map',
      sparse: true,
      entries: [
        ['a', {}],
        ['b', { sparse: true }],
      ],
    });
  });

  test('what the document fixes is a literal', () => {
    expect(
      parse(['$self', 'at {$self}', '$sourceDescriptions.s.x-list', '{$sourceDescriptions.s.x-list}']).template,
    ).toEqual({
      kind: 'literal',
      value: ["https://self.test/<it's>", "at https://self.test/<it's>", [1, null], '[1,null]'],
    });
  });
});

describe('a text that begins with $ and is not an expression is sent unchanged', () => {
  test.each(['$notAnExpression', '$.items[*].id', '$5', '$', '$$', '$url is where', '$items.name', '${x}'])(
    '%s',
    (text) => {
      expect(parse(text)).toEqual({ template: { kind: 'literal', value: text }, errors: [], warnings: [] });
    },
  );

  test.each(['$input.name', '$Steps.a.outputs.b', '$statuscode', '$urls'])(
    '%s is also sent, with a suggestion',
    (text) => {
      const { template, errors, warnings } = parse(text);
      expect(template).toEqual({ kind: 'literal', value: text });
      expect(errors).toEqual([]);
      expect(warnings).toEqual([expect.stringContaining('did you mean')]);
    },
  );
});

describe('errors and warnings have a position', () => {
  test('a mistyped expression is an error', () => {
    expect(parse({ a: ['$inputs.', ' $steps.a.output.x'] }).errors).toEqual([
      '/a/0:8 A name is missing after "$inputs"',
      '/a/1:9 The id of a step, without dots, must be followed by ".outputs.<name>"',
    ]);
  });

  test('what the document does not allow is an error, at the offset inside the text', () => {
    expect(parse({ 'a/b': 'x {$steps.unknown.outputs.y}', c: '$steps.unknown.outputs.y' }).errors).toEqual([
      '/a~1b:10 There is no step "unknown"',
      '/c:7 There is no step "unknown"',
    ]);
  });

  test('a mistyped expression in braces, and one without, stay text with a warning', () => {
    const { template, errors, warnings } = parse(['{$inputs.} {$a}', 'Bearer $inputs.token']);
    expect(template).toEqual({ kind: 'literal', value: ['{$inputs.} {$a}', 'Bearer $inputs.token'] });
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining('/0:9 Stays plain text'),
      expect.stringContaining('/0:12 Stays plain text'),
      expect.stringContaining('/1:7 Inside text'),
    ]);
  });

  test.each<[string, string]>([
    ['x {$input.a}', ':3 Stays plain text, including the braces: did you mean "$inputs"?'],
    ['{$foo.x}', ':1 Stays plain text, including the braces: An expression must begin with one of'],
    ['{$inputs.a b}', 'Stays plain text, including the braces'],
    ['a ${inputs.a}', ':2 Stays plain text: the $ of an expression belongs inside the braces'],
    ['${$steps.a.outputs.b}', 'Stays plain text: the $ of an expression'],
  ])('a probable expression that stays text is reported: %s', (text, warning) => {
    expect(parse(text).errors).toEqual([]);
    expect(parse(text).warnings).toContainEqual(expect.stringContaining(warning));
  });

  test.each(['{$}', '{$5}', '{ $x }', '${x}', '${price}', '{id}', '$inputs of all'])('%s is only text', (text) => {
    expect(parse(text).warnings).toEqual([]);
  });

  test('the compiler gets the position of each expression', () => {
    const { hooks } = exampleHooks();
    const places: string[] = [];
    parseArazzoValue(
      { 'a/b': ['$method', 'x {$method}{$url}'], c: ' $url' },
      {
        ...hooks,
        resolve(expression, { pointer, offset }) {
          places.push(`${pointer}:${offset} ${expression.text}`);
          return { value: null };
        },
      },
    );
    expect(places).toEqual(['/a~1b/0:0 $method', '/a~1b/1:3 $method', '/a~1b/1:12 $url', '/c:1 $url']);
  });

  test.each<[string, number]>([
    ['$steps.s.outputs.l.length', 1],
    ['{$steps.s.outputs.l.length} of them', 1],
    ['$inputs.l.length', 1],
    ['$steps.s.outputs.length', 0],
    ['$inputs.length', 0],
    ['$inputs.l#/length', 0],
    ['$response.header.x.length', 0],
  ])('the length of a list, which only conditions support, is reported as naming nothing: %s', (text, count) => {
    const about = parse(text).warnings.filter((warning) => warning.includes('only in conditions'));
    expect(about).toHaveLength(count);
  });

  test('leniency is reported', () => {
    expect(parse(['$inputs.items[0]', 'a {$inputs.items[0].name}']).warnings).toEqual([
      expect.stringContaining('/0:0 The grammar has no dots'),
      expect.stringContaining('/1:3 The grammar has no dots'),
    ]);
  });

  test('spaces around a bare expression do not turn it into text', () => {
    const { template, warnings } = parse('$inputs.city\n');
    expect(template).toEqual({ kind: 'reference', path: ['inputs', 'city'] });
    expect(warnings).toHaveLength(1);
  });

  test('prototype names are refused as keys', () => {
    expect(parse(JSON.parse('{"__proto__": 1, "constructor": "$method"}') as Json).errors).toHaveLength(2);
  });
});

describe('Selector Objects', () => {
  const selector = { context: '$response.body', selector: '$.users[*].name', type: 'jsonpath' };

  test('stand for what they find, where they are allowed', () => {
    const query = { language: 'jsonpath', text: '$.users[*].name' };
    expect(parse({ a: selector }, { selectors: true }).template).toEqual({
      kind: 'map',
      entries: [['a', { kind: 'select', from: { kind: 'reference', path: ['response', 'body'] }, query }]],
    });
    expect(parse(selector).template).toMatchObject({ kind: 'map' });
  });

  test.each<[string, Json]>([
    ['a version', { ...selector, type: { type: 'jsonpath', version: 'rfc9535' } }],
    ['XPath', { ...selector, selector: '/a/b', type: { type: 'xpath', version: 'xpath-10' } }],
    ['a JSON Pointer', { ...selector, selector: '/users/0', type: 'jsonpointer' }],
  ])('with %s', (_, value) => {
    const { template, errors } = parse(value, { selectors: true });
    expect(template.kind).toBe('select');
    expect(errors).toEqual([]);
  });

  test.each<[string, Json]>([
    ['another key', { ...selector, x: 1 }],
    ['another type', { ...selector, type: 'css' }],
    ['a context that is not an expression', { ...selector, context: 'body' }],
    ['a selector that is not a string', { ...selector, selector: 1 }],
  ])('an object with %s is an object', (_, value) => {
    expect(parse(value, { selectors: true })).toMatchObject({
      template: { kind: expect.stringMatching('map|literal') },
      errors: [],
    });
  });

  test.each<[string, Json, string]>([
    [
      'an older JSONPath',
      { ...selector, type: { type: 'jsonpath', version: 'draft-goessner-dispatch-jsonpath-00' } },
      '/type/version:0',
    ],
    ['a mistyped context', { ...selector, context: '$response.bod' }, '/context:9'],
    ['a JSONPath with an error', { ...selector, selector: '$.users[' }, '/selector:'],
    ['an idiom of conditions', { ...selector, selector: '$.ok == true' }, '/selector:'],
  ])('%s is refused', (_, value, place) => {
    expect(parse(value, { selectors: true }).errors).toEqual([expect.stringContaining(place)]);
  });
});

describe('raw texts', () => {
  test('a bare expression keeps its type, and what is embedded is escaped', () => {
    const { hooks } = exampleHooks();
    expect(parseTextTemplate('$inputs.items', hooks, { escape: 'xml' })).toEqual({
      kind: 'reference',
      path: ['inputs', 'items'],
    });
    expect(parseTextTemplate('<a>{$inputs.v}</a>', hooks, { escape: 'xml' })).toMatchObject({
      kind: 'text',
      strict: true,
      escape: 'xml',
    });
  });

  test('a literal of the document is escaped as well', () => {
    const { hooks } = exampleHooks();
    expect(parseTextTemplate('<a>{$self}</a>', hooks, { escape: 'xml' })).toEqual({
      kind: 'literal',
      value: '<a>https://self.test/&lt;it&apos;s&gt;</a>',
    });
  });
});

describe('inside CDATA a value is unchanged, and cannot end the CDATA', () => {
  const write = (text: string, v: string) => {
    const template = parseTextTemplate(text, exampleHooks().hooks, { escape: 'xml' });
    return compileTemplate(template)(exampleScope({ v }), exampleBudget());
  };

  test.each<[string, string, string]>([
    ['<a><![CDATA[{$inputs.v}]]></a>', 'a < b & "c"', '<a><![CDATA[a < b & "c"]]></a>'],
    ['<![CDATA[{$inputs.v}]]>', 'x]]><b/>', '<![CDATA[x]]]]><![CDATA[><b/>]]>'],
    ['<![CDATA[a]]><b c="{$inputs.v}"/>', '<', '<![CDATA[a]]><b c="&lt;"/>'],
    ['{$inputs.v}<![CDATA[{$inputs.v}', '<', '&lt;<![CDATA[<'],
    ['<!-- <![CDATA[ --><a>{$inputs.v}</a>', '<', '<!-- <![CDATA[ --><a>&lt;</a>'],
    ['<?x <![CDATA[?><a>{$inputs.v}</a>', '<', '<?x <![CDATA[?><a>&lt;</a>'],
    ['<![CDATA[<!--]]><a>{$inputs.v}</a>', '<', '<![CDATA[<!--]]><a>&lt;</a>'],
  ])('%s with %j', (text, v, expected) => {
    expect(write(text, v)).toBe(expected);
  });

  // A value that could end the CDATA could write elements of the document that is sent.
  test('whatever the value is, the document has one element with that text', () => {
    const text = fc.oneof(
      fc.constantFrom(']]>', ']', ']]', '>', ']]]]>>', '<![CDATA[', ']]></a><b>', ']>'),
      fc.string({ unit: fc.constantFrom(']', '>', '<', 'a', '!', '[') }),
    );
    fc.assert(
      fc.property(text, (v) => {
        const xml = String(write('<a><![CDATA[{$inputs.v}{$inputs.v}>]{$inputs.v}]]></a>', v));
        const sections = Array.from(xml.slice(3, -4).matchAll(/<!\[CDATA\[(.*?)\]\]>/gs));
        expect(sections.map(([section]) => section).join('')).toBe(xml.slice(3, -4));
        expect(sections.map(([, content]) => content).join('')).toBe(`${v}${v}>]${v}`);
      }),
    );
  });

  test('a literal of the document is split as well', () => {
    const hooks = { ...exampleHooks().hooks, resolve: () => ({ value: 'a]]>b' }) };
    expect(parseTextTemplate('<![CDATA[{$self}]]>', hooks, { escape: 'xml' })).toEqual({
      kind: 'literal',
      value: '<![CDATA[a]]]]><![CDATA[>b]]>',
    });
  });
});

describe('properties', () => {
  // A value that is parsed again as an expression would give its sender the secrets of a server.
  test('B055, B056: a value is sent unchanged, whatever it looks like', () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        '{api_key}',
        '{$secrets.API_KEY}',
        '$secrets.API_KEY',
        '$response.body',
        '${7*7}',
        '{{7*7}}',
        '$&',
        "$'",
        '$$',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(hostile, hostile, (v, w) => {
        const scope = exampleScope({ v, w });
        expect(evaluate('$inputs.v', scope)).toBe(v);
        expect(evaluate('{$inputs.v}', scope)).toBe(v);
        expect(evaluate('a{$inputs.v}{$inputs.w}b', scope)).toBe(`a${v}${w}b`);
        expect(evaluate({ k: ['$inputs.v'] }, scope)).toEqual({ k: [v] });
      }),
    );
  });

  test('B057: prototype names resolve to nothing', () => {
    for (const name of ['__proto__', 'constructor', 'items[0].constructor'])
      expect(evaluate(`$inputs.${name}`)).toBeUndefined();
    expect(evaluate('$response.body.__proto__')).toBeUndefined();
  });

  test('parsing reports problems and never throws', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '{$',
      '$inputs.a',
      '$steps.a',
      '.outputs.b',
      '[0]',
      '[',
      '#/',
      ' ',
      '$',
      '\\',
      '"',
    );
    const text = fc.array(fragment, { maxLength: 12 }).map((all) => all.join(''));
    fc.assert(
      fc.property(fc.oneof(text, fc.jsonValue()), (value) => {
        parse(value as Json, { selectors: true, sparse: true });
      }),
    );
  });

  test('a megabyte of opening braces is read in linear time', () => {
    const startMs = performance.now();
    parse('{$'.repeat(500_000));
    parse(`{$${'a'.repeat(1_000_000)}`);
    parse(`$inputs.${'a'.repeat(1_000_000)}`);
    expect(performance.now() - startMs).toBeLessThan(15_000);
  });
});
