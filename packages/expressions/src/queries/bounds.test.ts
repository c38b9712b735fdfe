import { describe, expect, test } from '@jest/globals';
import type { Json, PatternText, Query } from '@toolplane/contracts';
import { exampleBudget } from '../budget.example.ts';
import { exampleScope } from '../scope.example.ts';
import { compileQuery } from './compile-query.ts';
import { compileRegexCriterion } from './criteria.ts';

/**
 * Documents, inputs and upstream responses come from strangers, and one process serves many of them: an evaluation is
 * stopped after about 100 ms of work. A slow machine takes longer for that, so the tests allow four times as much.
 */
const BLOCKED_MS_MAX = 400;

const usedUp = exampleBudget().createError();

/** Returns the same text each time, without a regularity that a regular expression could exploit. */
function randomText(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return 'abcd'[state % 4];
  }).join('');
}

/**
 * Returns the result of the work, or the error that it throws. The processor time counts, and the shortest of three
 * attempts: other processes on the machine make one attempt longer, whereas work without a bound makes all of them
 * longer.
 */
function within<Result>(work: () => Result): Result | Error {
  const spentMs: number[] = [];
  for (;;) {
    const start = process.threadCpuUsage();
    const outcome = outcomeOf(work);
    const { user, system } = process.threadCpuUsage(start);
    spentMs.push((user + system) / 1000);
    if (Math.min(...spentMs) < BLOCKED_MS_MAX) return outcome;
    if (spentMs.length === 3) throw new Error(`it takes ${spentMs.map(Math.round).join(', ')} ms`);
  }
}

function outcomeOf<Result>(work: () => Result): Result | Error {
  try {
    return work();
  } catch (thrown) {
    return thrown as Error;
  }
}

function find(language: Query['language'], text: PatternText, value: Json): Json[] | Error {
  const query = compileQuery({ language, text });
  return within(() => query.find(value, exampleScope(), exampleBudget()));
}

function matches(pattern: PatternText, value: Json): boolean | Error {
  const holds = compileRegexCriterion({ kind: 'regex', in: { kind: 'literal', value }, pattern });
  return within(() => holds(exampleScope(), exampleBudget()));
}

describe('B060: a regular expression that takes other engines exponential time', () => {
  test.each(['^(a+)+$', '(a|aa)+$', '(a*)*b', '^(a?){50}a{50}$'])('%s', (pattern) => {
    expect(matches(pattern, `${'a'.repeat(50_000)}!`)).toBe(false);
  });

  test('one that is slow even in linear time is stopped, and works afterwards', () => {
    const holds = compileRegexCriterion({
      kind: 'regex',
      in: { kind: 'reference', path: ['inputs', 'text'] },
      pattern: 'a[abcd]{900}[ef]',
    });
    const text = randomText(300_000);
    expect(within(() => holds(exampleScope({ text }), exampleBudget()))).toEqual(usedUp);
    expect(holds(exampleScope({ text: `a${'b'.repeat(900)}e` }), exampleBudget())).toBe(true);
  });
});

test('B061: a pattern that values of the call make too large does not match', () => {
  expect(matches(['((a{100}){100}){', { path: ['inputs', 'n'] }, '}'], 'a')).toBe(false);
});

describe('B062: patterns inside JSONPath', () => {
  const value = [{ s: 'a'.repeat(34) }, { s: `${'a'.repeat(40)}!` }];

  test.each(["$..[?match(@.s, '(a+)+b')]", "$..[?search(@.s, '^(a+)+$')]", "$[?search(@.s, '(a|a)*c')]"])(
    '%s',
    (text) => {
      expect(find('jsonpath', text, value)).toHaveLength(text.includes('^') ? 1 : 0);
    },
  );

  test('many patterns in the value', () => {
    const patterns = Array.from({ length: 100_000 }, (_, index) => ({
      s: 'aaa',
      p: `(a|b{${index % 900}}){30}${index}`,
    }));
    expect(find('jsonpath', '$[?search(@.s, @.p)]', patterns)).toEqual(usedUp);
  });

  test('a slow search in each of many texts', () => {
    const text = randomText(1000);
    const texts = Array.from({ length: 20_000 }, (_, index) => `${text}${index}`);
    expect(find('jsonpath', "$[?search(@, 'a[abcd]{400}[ef]')]", texts)).toEqual(usedUp);
  });
});

describe('B063: JSONPath', () => {
  test.each(["$[?constructor.constructor('return 1')()]", '$[?(() => 1)()]', '$[(@.length-1)]'])(
    '%s runs no code',
    (text) => {
      expect(() => compileQuery({ language: 'jsonpath', text })).toThrow('Not a valid JSONPath query');
    },
  );

  // Each value has about 5 MiB, the maximum size of a response.
  const numbers: Json = JSON.parse(`[${'1,'.repeat(2_600_000)}1]`);
  const records: Json = JSON.parse(
    JSON.stringify(
      Array.from({ length: 50_000 }, (_, id) => ({ id, name: `record ${id}`, tags: ['a', 'b'], at: { x: id } })),
    ),
  );
  const table: Json = JSON.parse(
    `{${Array.from({ length: 240_000 }, (_, index) => `"key-${index}":"value"`).join(',')}}`,
  );
  const nested: Json = JSON.parse('['.repeat(2000) + ']'.repeat(2000));

  test.each<[string, string, Json]>([
    ['numbers', '$..*..*..*', [numbers, numbers]],
    ['a table', '$..*..*', table],
    ['nested lists', '$..*..*..*', nested],
    ['a count in each record', '$[?count($..*) > 1]', records],
    ['every record with every other', '$[?$[?@.id == -1]]', records],
  ])('a query that is too much for %s is stopped: %s', (_name, text, value) => {
    expect(find('jsonpath', text, value)).toBeInstanceOf(Error);
  });

  test.each<[string, string, Json, number]>([
    ['records', '$..id', records, 50_000],
    ['records', "$[?@.at.x > 49997 && match(@.name, 'record [0-9]+')].id", records, 2],
    ['records', '$[*].tags[*]', records, 100_000],
    ['records', '$..*..*..*', records, 150_000],
    ['numbers', '$[-3:]', numbers, 3],
    ['a table', "$['key-239999']", table, 1],
  ])('a query that is not too much for %s runs: %s', (_name, text, value, count) => {
    expect(find('jsonpath', text, value)).toHaveLength(count);
  });

  test('several queries share one budget', () => {
    const query = compileQuery({ language: 'jsonpath', text: '$..id' });
    const findAgain = () => {
      const budget = exampleBudget();
      for (let count = 0; count < 1000; count += 1) query.find(records, exampleScope(), budget);
    };
    expect(within(findAgain)).toEqual(usedUp);
  });
});

describe('B064: XPath', () => {
  const elements = `<r>${'<a>1</a>'.repeat(2000)}</r>`;

  test.each([
    ['//*[count(//*) > 0]'],
    ['sum(1 to 1000000000)'],
    ['string-join((1 to 100000000) ! "xxxxxxxx")'],
    ['count(for $a in 1 to 1000, $b in 1 to 1000, $c in 1 to 1000 return 1)'],
    ['let $f := function($f, $n) { if ($n = 0) then 1 else $f($f, $n - 1) + $f($f, $n - 1) } return $f($f, 40)'],
    ['matches(string-join((1 to 100000) ! "abcd"), "a[abcd]{900}[ef]")'],
  ])('%s is stopped', (text) => {
    expect(find('xpath', text, elements)).toEqual(usedUp);
  });

  test('endless recursion overflows the stack or is stopped', () => {
    expect(find('xpath', 'let $f := function($f) { $f($f) } return $f($f)', elements)).toBeInstanceOf(Error);
  });
});

describe('B065: XML', () => {
  test.each<[string, string]>([
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    [
      'an entity bomb',
      '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;">]><a>&d;</a>',
    ],
    ['20 000 levels', '<a>'.repeat(20_000) + '</a>'.repeat(20_000)],
    ['201 levels', '<a>'.repeat(201) + '</a>'.repeat(201)],
    ['10 MB of text', `<a>${'x'.repeat(10_000_000)}</a>`],
    ['100 000 attributes', `<a ${Array.from({ length: 100_000 }, (_, index) => `a${index}=""`).join(' ')}/>`],
    ['100 000 elements', `<a>${'<b/>'.repeat(100_000)}</a>`],
  ])('%s is refused or stopped', (_name, xml) => {
    expect(find('xpath', '/', xml)).toBeInstanceOf(Error);
  });

  test('200 levels and 1 MB of text are read', () => {
    expect(find('xpath', 'count(//a)', '<a>'.repeat(200) + '</a>'.repeat(200))).toEqual([200]);
    expect(find('xpath', 'string-length(/)', `<a>${'x'.repeat(1_000_000)}</a>`)).toEqual([1_000_000]);
  });
});
