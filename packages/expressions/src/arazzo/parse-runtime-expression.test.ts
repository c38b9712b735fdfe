import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { parseRuntimeExpression } from './parse-runtime-expression.ts';
import { readVectors } from './vectors.example.ts';

const vectors = readVectors<{ valid: string[]; invalid: string[]; lenient: { e: string }[] }>('runtime-expressions');

function failure(text: string): ExpressionSyntaxError {
  try {
    parseRuntimeExpression(text);
  } catch (thrown) {
    if (thrown instanceof ExpressionSyntaxError) return thrown;
    throw thrown;
  }
  throw new Error(`parsed: ${text}`);
}

function parsed(text: string): unknown {
  const { source, segments } = parseRuntimeExpression(text);
  return { ...source, segments };
}

describe('every expression of the grammar is parsed without a warning', () => {
  test.each(vectors.valid)('%s', (text) => {
    expect(parseRuntimeExpression(text)).toMatchObject({ text });
    expect(parseRuntimeExpression(text).leniency).toBeUndefined();
  });
});

describe('an invalid expression is refused, or parsed with a warning, or an extension of ours', () => {
  const lenient = ['$response.body#a', '$components.inputs.x'];
  const extensions = ['$secrets.KEY'];
  test.each(vectors.invalid)('%s', (text) => {
    if (lenient.includes(text)) expect(parseRuntimeExpression(text).leniency).toBeDefined();
    else if (extensions.includes(text)) expect(parsed(text)).toEqual({ kind: 'secrets', name: 'KEY', segments: [] });
    else expect(failure(text).offset).toBeLessThanOrEqual(text.length);
  });
});

describe('what public documents write outside the grammar is parsed with a warning', () => {
  // One of the vectors only orders steps and has no value.
  test.each(vectors.lenient.map(({ e }) => e).filter((text) => text !== '$workflows.w.steps.s'))('%s', (text) => {
    // A name may contain a dot, so only looking up names shows what comes after it.
    if (text === '$steps.s.outputs.obj.prop') expect(parsed(text)).toMatchObject({ name: 'obj.prop' });
    else expect(parseRuntimeExpression(text).leniency).toBeDefined();
  });

  test('a step of another workflow is reported to have no value', () => {
    expect(failure('$workflows.w.steps.s').message).toContain('is not a value');
  });
});

describe('dots and brackets navigate', () => {
  const cases: [string, unknown][] = [
    ['$response.body.items[0].id', { kind: 'response', part: 'body', name: '', segments: ['items', '0', 'id'] }],
    ['$message.payload[2]', { kind: 'message', part: 'payload', name: '', segments: ['2'] }],
    ['$inputs.x[0]', { kind: 'inputs', name: 'x', segments: ['0'] }],
    ['$inputs.a.b[0].c#/d', { kind: 'inputs', name: 'a.b', segments: ['0', 'c', 'd'] }],
    ['$steps.a.outputs.list[0].id', { kind: 'steps', id: 'a', name: 'list', segments: ['0', 'id'] }],
    [`$outputs.o['a b']["c'd"]`, { kind: 'outputs', name: 'o', segments: ['a b', "c'd"] }],
    ['$response.body.größe', { kind: 'response', part: 'body', name: '', segments: ['größe'] }],
    ['$response.body.__proto__', { kind: 'response', part: 'body', name: '', segments: ['__proto__'] }],
    ['$request.query.a.b[0]', { kind: 'request', part: 'query', name: 'a.b[0]', segments: [] }],
    ['$response.header.X.Y', { kind: 'response', part: 'header', name: 'x.y', segments: [] }],
  ];
  test.each(cases)('%s', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test('the warning shows the form that the grammar has', () => {
    expect(parseRuntimeExpression('$inputs.x[0].a').leniency).toContain('$inputs.x#/0/a');
  });
});

describe('what public documents omit or add is parsed with a warning', () => {
  test.each<[string, unknown]>([
    ['$response.headers.Location', { kind: 'response', part: 'header', name: 'location', segments: [] }],
    ['$steps.a.b', { kind: 'steps', id: 'a', name: 'b', segments: [] }],
    ['$steps.a.b[0]', { kind: 'steps', id: 'a', name: 'b', segments: ['0'] }],
    ['$steps.a.b#/c', { kind: 'steps', id: 'a', name: 'b', segments: ['c'] }],
  ])('%s', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
    expect(parseRuntimeExpression(text).leniency).toBeDefined();
  });
});

describe('names', () => {
  const cases: [string, unknown][] = [
    ['$secrets.API_KEY', { kind: 'secrets', name: 'API_KEY', segments: [] }],
    ['$config.Org-Id', { kind: 'config', name: 'Org-Id', segments: [] }],
    ['$user.token', { kind: 'current_user', name: 'token', segments: [] }],
    ['$current_user.token', { kind: 'current_user', name: 'token', segments: [] }],
    ['$request.query.a\\u0041\\"', { kind: 'request', part: 'query', name: 'aA"', segments: [] }],
    ['$sourceDescriptions.a.b.c d', { kind: 'sourceDescriptions', id: 'a', reference: 'b.c d', segments: [] }],
    ['$workflows.w.inputs.a.b', { kind: 'workflows', id: 'w', field: 'inputs', name: 'a.b', segments: [] }],
    ['$components.inputs.x', { kind: 'components', field: 'inputs', name: 'x', segments: [] }],
    [
      '$steps.Get it all_0.outputs.Get allResponse',
      { kind: 'steps', id: 'Get it all_0', name: 'Get allResponse', segments: [] },
    ],
  ];
  test.each(cases)('%s', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });
});

describe('JSON Pointers', () => {
  const cases: [string, string[]][] = [
    ['$response.body#', []],
    ['$response.body#/', ['']],
    ['$response.body#/a~1b/~0c', ['a/b', '~c']],
    ['$response.body#/~01', ['~1']],
    ['$response.body#/-/01', ['-', '01']],
    ['$response.body#//a', ['', 'a']],
    ['$response.body#/a b/"c"', ['a b', '"c"']],
    ['$response.body#items/0', ['items', '0']],
  ];
  test.each(cases)('%s', (text, segments) => {
    expect(parseRuntimeExpression(text).segments).toEqual(segments);
  });
});

describe('errors have a position and a reason', () => {
  const cases: [string, number, string][] = [
    ['$nope.x', 0, 'begin with one of'],
    ['$statusCode ', 11, 'cannot have blanks'],
    ['$inputs.', 8, 'name is missing'],
    ['$inputs.a b', 9, '{$inputs.name}'],
    ['$steps.a.output.x', 8, '".outputs.<name>"'],
    ['$response.cookie.x', 9, 'There is no ".cookie"'],
    ['$response.status', 9, '$statusCode'],
    ['$request.body/a', 13, '"#/"'],
    ['$response.body#/a~2', 17, '~0'],
    ['$response.body[*].id', 14, 'Selector'],
    ['$response.body[-1]', 14, 'Selector'],
    ['$user.name', 5, '$user.token'],
    ['$components.foo', 11, '.parameters'],
    [`$inputs.${'a'.repeat(10_000)}`, 0, 'at most 8192'],
  ];
  test.each(cases.map(([text, ...rest]) => [text.slice(0, 40), text, ...rest] as const))(
    '%s',
    (_, text, offset, message) => {
      expect(failure(text).message).toContain(message);
      expect(failure(text).offset).toBe(offset);
    },
  );
});

describe('a pointer cannot name what belongs to the engine', () => {
  test.each(['$response.body#/__proto__/x', '$inputs.a#/constructor', '$inputs.a#/b/prototype'])('%s', (text) => {
    expect(failure(text).message).toContain('not allowed');
  });
});

test('B058: ten thousand segments are refused at once', () => {
  expect(failure(`$response.body#${'/a'.repeat(10_000)}`).message).toContain('at most');
});

test('parsing fails with a syntax error or not at all', () => {
  const fragment = fc.constantFrom(
    ...['$inputs', '$steps', '$response.body', '$workflows', '$request.header', '$sourceDescriptions', '$components'],
    ...['.', 'a', '.outputs', '.outputs.', '[0]', '[', "['a']", '#', '#/', '~', '~1', '\\', '{', '}', ' ', '__proto__'],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fragment, { maxLength: 12 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (expression) => {
      try {
        expect(parseRuntimeExpression(expression).text).toBe(expression);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ExpressionSyntaxError);
      }
    }),
  );
});
