import type { Json, JsonObject, Query } from '@toolplane/contracts';
import type { Budget } from '../../budget.ts';
import { ExpressionError } from '../../expression-error.ts';
import type { ReadQuery } from '../read-query.ts';
import { setMember, unknownLocation } from '../set-member.ts';
import { compileWalk } from './compile-walk.ts';
import { parseJsonPath } from './parse-jsonpath.ts';
import type { VisitNode } from './run.ts';

/**
 * Compiles JSONPath (RFC 9535) to functions over a value. The library only parses: its own evaluation has no bound on
 * work, collects all nodes before it passes on the first, and overflows the stack on long lists. `$` is the value
 * itself even if the query runs on a list that contains the value. Throws `ExpressionSyntaxError`.
 */
export function readJsonPath(text: string, on?: Query['on']): ReadQuery {
  const walk = compileWalk(parseJsonPath(text), { readsLength: on !== undefined });
  return {
    find(value, budget) {
      const found: Json[] = [];
      evaluate(value, [value], budget, (node) => {
        found.push(node);
        return false;
      });
      return found;
    },
    holds: (value, budget) => evaluate(value, [value], budget, () => true),
    replace(value, { copy, budget }) {
      const list = [value];
      const places: [Json[] | JsonObject, string | number][] = [];
      evaluate(value, list, budget, (_, holder = list, key) => {
        places.push([holder, key]);
        return false;
      });
      if (places.length === 0) throw unknownLocation();
      for (const [holder, key] of places) setMember(holder, key, copy());
      return list[0] as Json;
    },
  };

  function evaluate(value: Json, list: Json[], budget: Budget, visit: VisitNode): boolean {
    const isOnList = on === 'list' || (on === 'list-unless-list' && !Array.isArray(value));
    try {
      return walk(isOnList ? list : value, { root: value, budget }, visit);
    } catch (thrown) {
      // The stack is the only other limit: an upstream can nest its response deeper than the stack allows.
      if (thrown instanceof RangeError) {
        throw new ExpressionError('expression_failed', 'A value is nested too deeply for a JSONPath query');
      }
      throw thrown;
    }
  }
}
