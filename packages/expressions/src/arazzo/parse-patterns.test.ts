import { describe, expect, test } from '@jest/globals';
import type { PatternText, Query } from '@toolplane/contracts';
import fc from 'fast-check';
import { exampleHooks } from './hooks.example.ts';
import { parsePatternText } from './parse-pattern-text.ts';
import { parseQuery } from './parse-query.ts';
import { parseRegexCriterion } from './parse-regex-criterion.ts';

type Language = Query['language'] | 'regex';

function pattern(language: Language, text: string): { parts: PatternText; errors: string[]; warnings: string[] } {
  const { hooks, errors, warnings } = exampleHooks();
  return { parts: parsePatternText(text, hooks, language), errors, warnings };
}

function query(language: Query['language'], text: string, compat = true) {
  const { hooks, errors, warnings } = exampleHooks();
  return { query: parseQuery(language, text, hooks, { compat }), errors, warnings };
}

function regex(text: string) {
  const { hooks, errors, warnings } = exampleHooks();
  return { ...parseRegexCriterion(text, hooks), errors, warnings };
}

describe('an expression inside quotes is recognized as quoted', () => {
  const v = { path: ['inputs', 'v'] };
  const cases: [Language, string, PatternText][] = [
    ['jsonpath', '$[?@.a == "{$inputs.v}"]', ['$[?@.a == "', { ...v, inside: '"' }, '"]']],
    [
      'jsonpath',
      "$[?@.a == '{$inputs.v}' && @.b > {$inputs.v}]",
      ["$[?@.a == '", { ...v, inside: "'" }, "' && @.b > ", v, ']'],
    ],
    ['jsonpath', `$['it\\'s {$inputs.v}']`, [`$['it\\'s `, { ...v, inside: "'" }, "']"]],
    ['jsonpath', `$["it's"][?@ == {$inputs.v}]`, [`$["it's"][?@ == `, v, ']']],
    ['xpath', "/a[b = 'it''s {$inputs.v}']", ["/a[b = 'it''s ", { ...v, inside: "'" }, "']"]],
    ['xpath', `/a[b = '\\' and c = "{$inputs.v}"]`, [`/a[b = '\\' and c = "`, { ...v, inside: '"' }, '"]']],
    ['xpath', '/a[b > {$inputs.v}]', ['/a[b > ', v, ']']],
    ['regex', "^it's ({$inputs.v})$", ["^it's (", v, ')$']],
    ['jsonpointer', "/it's/{$inputs.v}", ["/it's/", v]],
    ['jsonpath', '$[?@.a == "{not} {$}"]', '$[?@.a == "{not} {$}"]'],
    ['jsonpath', "$[?@.a == '{$self}']", "$[?@.a == 'https://self.test/<it\\'s>']"],
    ['xpath', "a = '{$self}'", "a = 'https://self.test/<it''s>'"],
  ];
  test.each(cases)('%s: %s', (language, text, parts) => {
    expect(pattern(language, text)).toEqual({ parts, errors: [], warnings: [] });
  });

  // The backslash would escape the first character of the value, which is the one that keeps a quote from ending the
  // text.
  test('text that would let a value end its quotes is refused', () => {
    expect(pattern('jsonpath', "$[?@.a == '\\{$inputs.v}']").errors).toEqual([expect.stringContaining('backslash')]);
    expect(pattern('regex', 'a\\\\\\{$inputs.v}').errors).toEqual([expect.stringContaining('backslash')]);
    expect(pattern('regex', 'a\\\\{$inputs.v}').errors).toEqual([]);
    expect(pattern('xpath', "(: it's :) a = '{$inputs.v}'").errors).toEqual([expect.stringContaining('comment')]);
  });
});

test('what the document fixes is also written as a value', () => {
  expect(pattern('jsonpath', '$[?@.a == {$self}]').parts).toBe(`$[?@.a == 'https://self.test/<it\\'s>']`);
  expect(pattern('regex', '^{$self}$').parts).toBe("^https:\\/\\/self\\.test\\/<it's>$");
  expect(pattern('regex', '{$self}').parts).toBe("https://self.test/<it's>");
  expect(pattern('jsonpointer', '#/{$self}').parts).toBe("#/https%3A~1~1self.test~1%3Cit's%3E");
});

describe('regular expressions', () => {
  test('are used unchanged', () => {
    expect(regex('^2\\d{2}$')).toEqual({ pattern: '^2\\d{2}$', errors: [], warnings: [] });
  });

  test.each([
    ['/^ab$/i', '^ab$', 'i'],
    ['/a.b/gsm', 'a.b', 'sm'],
    ['/a/', 'a', undefined],
  ])('%s is accepted with a warning', (text, expected, flags) => {
    expect(regex(text)).toEqual({
      pattern: expected,
      ...(flags === undefined ? {} : { flags }),
      errors: [],
      warnings: [expect.stringContaining('slashes')],
    });
  });

  test.each([
    ['(?=a)', 'look-ahead'],
    ['(a)\\1', 'back-references'],
    ['(', 'not supported'],
    ['/a/x', '"x"'],
    ['a'.repeat(100_000), 'at most'],
  ])('what cannot run in linear time is refused at publish: %#', (text, message) => {
    expect(regex(text).errors).toEqual([expect.stringContaining(message)]);
  });

  test('with expressions are assembled in a call', () => {
    expect(regex('/^{$inputs.v}$/i')).toMatchObject({
      pattern: ['^', { path: ['inputs', 'v'] }, '$'],
      flags: 'i',
      errors: [],
    });
    expect(regex('/a{$steps.unknown.outputs.x}/').errors).toEqual([':10 There is no step "unknown"']);
  });
});

describe('queries', () => {
  test('are checked at publish', () => {
    expect(query('jsonpath', '$.pets[').errors).toHaveLength(1);
    expect(query('jsonpath', '$.pets[*]')).toMatchObject({
      query: { language: 'jsonpath', text: '$.pets[*]' },
      errors: [],
    });
    expect(query('jsonpath', `$.${'a'.repeat(10_000)}`).errors).toEqual([expect.stringContaining('at most')]);
  });

  test('idioms of public documents are accepted, unless switched off', () => {
    expect(query('jsonpath', '$.ok == true')).toMatchObject({
      query: { on: 'list' },
      errors: [],
      warnings: [expect.any(String)],
    });
    expect(query('jsonpath', '$[?count(@.pets) > 0]').query).toMatchObject({ on: 'list-unless-list' });
    expect(query('jsonpath', '$.ok == true', false).errors).toHaveLength(1);
    expect(query('jsonpath', '$[?count(@.pets) > 0]', false).query).not.toHaveProperty('on');
  });

  test('even with an expression in them', () => {
    const { query: found } = query('jsonpath', "$.status == '{$inputs.v}'");
    expect(found).toMatchObject({ on: 'list', text: expect.arrayContaining([{ path: ['inputs', 'v'], inside: "'" }]) });
  });

  test('that only values can make valid are reported, and run', () => {
    const { query: found, errors, warnings } = query('jsonpath', '$.{$inputs.v}');
    expect(found).toEqual({ language: 'jsonpath', text: ['$.', { path: ['inputs', 'v'] }] });
    expect(errors).toEqual([]);
    expect(warnings).toHaveLength(1);
  });
});

test('parsing reports problems and never throws', () => {
  const fragment = fc.constantFrom(
    '$',
    '.a',
    '[?',
    '@',
    '==',
    "'",
    '"',
    '{$inputs.v}',
    ']',
    '(',
    ')',
    '\\',
    '/',
    '(:',
    '{',
    ' ',
    '1',
  );
  const text = fc.array(fragment, { maxLength: 14 }).map((all) => all.join(''));
  fc.assert(
    fc.property(text, (written) => {
      for (const language of ['jsonpath', 'xpath', 'jsonpointer'] as const) query(language, written);
      regex(written);
    }),
  );
});
