import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { exampleBudget } from '../../budget.example.ts';
import { ExpressionSyntaxError } from '../../expression-error.ts';
import { readJsonPath } from './read-jsonpath.ts';

type Case = {
  name: string;
  selector: string;
  document?: Json;
  result?: Json[];
  results?: Json[][];
  invalid_selector?: true;
};

const file = new URL('../../../testdata/jsonpath-cts/cts.json', import.meta.url);
const { tests }: { tests: Case[] } = JSON.parse(readFileSync(file, 'utf8'));

describe('the compliance test suite of RFC 9535', () => {
  test('is complete', () => {
    expect(tests).toHaveLength(703);
  });

  test.each(tests)('$name', ({ selector, document = null, result, results, invalid_selector: isInvalid }) => {
    if (isInvalid) {
      expect(() => readJsonPath(selector)).toThrow(ExpressionSyntaxError);
      return;
    }
    const query = readJsonPath(selector);
    const found = query.find(document, exampleBudget());
    expect(results ?? [result]).toContainEqual(found);
    expect(query.holds(document, exampleBudget())).toBe(found.length > 0);
  });
});
