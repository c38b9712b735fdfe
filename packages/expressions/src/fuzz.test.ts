import { expect, test } from '@jest/globals';
import type { Json, Query } from '@toolplane/contracts';
import { fuzzing, fuzzTimeoutMs, hostileText, readFuzzCorpus, survive } from '@toolplane/loopback/fuzzing';
import { compileRegex, RegexError } from '@toolplane/regex';
import fc from 'fast-check';
import { exampleHooks } from './arazzo/hooks.example.ts';
import { parseArazzoValue } from './arazzo/parse-arazzo-value.ts';
import { parseJsonTemplate } from './arazzo/parse-json-template.ts';
import { parseQuery } from './arazzo/parse-query.ts';
import { parseRegexCriterion } from './arazzo/parse-regex-criterion.ts';
import { parseRuntimeExpression } from './arazzo/parse-runtime-expression.ts';
import { parseSimpleCriterion } from './arazzo/parse-simple-criterion.ts';
import { parseTextTemplate } from './arazzo/parse-text-template.ts';
import { exampleBudget } from './budget.example.ts';
import { compileCondition } from './compile-condition.ts';
import { compileTemplate } from './compile-template.ts';
import { compileUrl } from './compile-url.ts';
import { ExpressionError, ExpressionSyntaxError } from './expression-error.ts';
import { parsePicked } from './jmespath/parse-picked.ts';
import { parseCondition } from './parse-condition.ts';
import { parseTemplate } from './parse-template.ts';
import { parseUrlTemplate } from './parse-url-template.ts';
import { compileQuery } from './queries/compile-query.ts';
import { exampleScope } from './scope.example.ts';

/* Whatever a document, a call or an upstream contains, each parser quickly returns a result or throws its own error. */

const usedUp = exampleBudget().createError().message;

function isRefusal(thrown: unknown): boolean {
  const isOurs = thrown instanceof ExpressionSyntaxError || thrown instanceof ExpressionError;
  return isOurs || (thrown as Error).message === usedUp;
}

const flower = ['$inputs.v', '$response.body.a', '$steps.s.outputs.x', '{$inputs.v}', '$secrets.KEY', '$', '{', '}'];
const operators = ['==', '!=', '<', '&&', '||', '!', '(', ')', "'a'", '"a"', '1', '-', '.5', 'null', 'in', ' '];
const arazzo = ['$response.body#/a', '$url', '$inputs.a', '$steps.s.outputs.x', '$request.header.x', '#/', '~1', '[0]'];
const jmespath = ['a', '.', '[*]', '[?a==`1`]', '|', '@', '&', '{a: b}', 'length(', ')', '`{}`', "'x'", '[::-1]', '!'];
const jsonPath = ['$', '..', '[*]', "['a']", '[?@.a', '==', 'match(@.s,', "'(a+)+b'", ')', ']', '[1:2:3]', '&&', '@'];
const xpath = [
  '//',
  '*',
  '[',
  ']',
  'count(',
  ')',
  'a',
  '@b',
  'for $x in ',
  ' return ',
  '1 to 9',
  "'x'",
  '|',
  '::',
  '$f',
];
const xml = [
  '<a>',
  '</a>',
  '<a b="',
  '"/>',
  '<!DOCTYPE',
  '<![CDATA[',
  ']]>',
  '&lt;',
  '&#0;',
  '<?x ',
  '?>',
  '<!--',
  '-->',
];
const regex = [
  'a',
  '(',
  ')',
  '[',
  ']',
  '*',
  '+',
  '?',
  '{1000}',
  '{',
  '}',
  '|',
  '\\p{L}',
  '(?=',
  '\\1',
  '^',
  '$',
  '(?i)',
];

const corpus = (name: string) => readFuzzCorpus(new URL(`../testdata/fuzz-corpus/${name}.json`, import.meta.url));
const xmlOfQueries = '<r xmlns:p="urn:p"><a b="1" c="two">x<a b="2">y</a></a><p:q>3.5</p:q><!-- c --></r>';

const scope = exampleScope({ v: 'a' });
const budget = () => exampleBudget(2_000_000);

/** The name of the input, fragments of its language, its reader, and texts from which the random ones are derived. */
const readers: [string, readonly string[], (text: string) => unknown, (readonly string[])?][] = [
  [
    'conditions of Flower',
    [...flower, ...operators],
    (text) => compileCondition(parseCondition(text).condition)(scope, budget()),
  ],
  ['templates of Flower', flower, (text) => compileTemplate(parseTemplate(text).template)(scope, budget())],
  [
    'URLs of Flower',
    ['https://', 'a.test', '/', '?', '#', '@', ':', '..', '%2e', '[', ...flower],
    (text) => compileUrl(parseUrlTemplate(text).url)(scope, budget()),
  ],
  ['JMESPath', jmespath, (text) => compileTemplate(parsePicked(text, ['response', 'body']))(scope, budget())],
  ['expressions of Arazzo', arazzo, parseRuntimeExpression],
  [
    'values of Arazzo',
    ['{$', '}', '{"a":', ...arazzo],
    (text) => compileTemplate(parseArazzoValue(text, exampleHooks().hooks))(scope, budget()),
  ],
  [
    'texts of Arazzo',
    ['{$', '}', '<a>', '<![CDATA[', ...arazzo],
    (text) => parseTextTemplate(text, exampleHooks().hooks, { escape: 'xml' }),
  ],
  [
    'JSON templates of Arazzo',
    ['{"a":', '"{$url}"', '[', ']', '}', ',', '"', ...arazzo],
    (text) => parseJsonTemplate(text, exampleHooks().hooks),
  ],
  [
    'simple conditions of Arazzo',
    [...arazzo, ...operators],
    (text) => compileCondition(parseSimpleCriterion(text, exampleHooks().hooks))(scope, budget()),
  ],
  ['regex conditions of Arazzo', regex, (text) => parseRegexCriterion(text, exampleHooks().hooks)],
  ['JSON Pointers', ['/', '~0', '~1', '~', '-', '0', '01', '__proto__', 'a'], (text) => query('jsonpointer', text)],
  ['JSONPath', jsonPath, (text) => query('jsonpath', text), corpus('jsonpath')],
  ['XPath', xpath, (text) => query('xpath', text, xmlOfQueries), corpus('xpath')],
  ['XML', xml, (text) => query('xpath', '//*', text), corpus('xml')],
];

const body: Json = { a: [{ s: 'aaaa', a: 1 }, null, 'x'], 'a/b': { '': 0 } };

/** Compiles a query as at publish, and then runs it. */
function query(language: Query['language'], text: string, value: Json = body): void {
  const { hooks, errors } = exampleHooks();
  const parsed = parseQuery(language, text, hooks, { compat: true });
  if (errors.length > 0) return;
  const compiled = compileQuery(parsed);
  compiled.find(value, scope, budget());
  compiled.replace(structuredClone(value), scope, { budget: budget(), copy: () => 'new', strict: false });
}

test.each(readers)(
  '%s: any text is read or refused (T13, T17, T58)',
  (_name, pieces, read, known = pieces) => {
    for (const text of known) survive(() => read(text), isRefusal);
    fc.assert(
      fc.property(hostileText(pieces, known), (text) => void survive(() => read(text), isRefusal)),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'regular expressions: any pattern is compiled or refused, and searches any text (T14, T58)',
  () => {
    const search = (pattern: string, text: string) =>
      survive(
        () => compileRegex(pattern).test(text),
        (thrown) => thrown instanceof RegexError,
      );
    const patterns = corpus('regex');
    for (const pattern of patterns) search(pattern, `${'a'.repeat(2000)}!`);
    const text = hostileText(['a', 'b', '\n', 'é', '!']);
    fc.assert(
      fc.property(hostileText(regex, patterns), text, (pattern, searched) => void search(pattern, searched)),
      fuzzing,
    );
    expect(search('a', 'a')).toBe(true);
  },
  fuzzTimeoutMs,
);
