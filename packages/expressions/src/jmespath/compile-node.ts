import { type compile, TreeInterpreter } from '@jmespath-community/jmespath';
import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { isEnumerable } from '../lookup.ts';
import { type ByFunction, byFunctions, textFunctions, type ValueFunction, valueFunctions } from './functions.ts';
import { type Evaluate, spend } from './run.ts';
import { isEqual, isFalse } from './values.ts';

export type Node = ReturnType<typeof compile>;
type NodeOf<Type extends Node['type']> = Extract<Node, { type: Type }>;

export type Context = {
  /**
   * False at the top level, where a name without `$` would otherwise read the scope and bypass the checks on
   * references.
   */
  hasElement: boolean;
  isInFunction: boolean;
  root: {
    canMultiply: boolean;
    /** Only these fields read properties that are not enumerable. */
    cookieFields: ReadonlyMap<Node, readonly string[]>;
  };
};

/**
 * Compiles each node of the syntax tree to one closure. Throws `ExpressionSyntaxError` for anything that is not
 * standard JMESPath.
 */
export function compileNode(node: Node, context: Context): Evaluate {
  switch (node.type) {
    case 'Root':
      return (_, run) => run.scope;
    case 'Literal':
      return () => node.value;
    case 'Current':
    case 'Identity':
      requireElement('@', context);
      return (element) => element;
    case 'Field':
      return compileField(node, context);
    case 'Index':
      return (element) => (Array.isArray(element) ? (element.at(node.value) ?? null) : null);
    case 'Slice':
      return compileSlice(node);
    case 'Subexpression':
      return chain(node, context, (value) => value === null);
    case 'IndexExpression':
    case 'Pipe':
      return chain(node, context, () => false);
    case 'Projection':
      return compileProjection(node, context, (base) => (Array.isArray(base) ? base : null));
    case 'ValueProjection':
      return compileProjection(node, context, (base) => (isJsonObject(base) ? Object.values(base) : null));
    case 'FilterProjection':
      return compileFilter(node, context);
    case 'Flatten':
      return compileFlatten(compileNode(node.child, context));
    case 'Comparator':
      return compileComparator(node, context);
    case 'AndExpression':
      return compileLogic(node, context, false);
    case 'OrExpression':
      return compileLogic(node, context, true);
    case 'NotExpression': {
      const child = compileNode(node.child, context);
      return (element, run) => isFalse(child(element, run));
    }
    case 'MultiSelectList':
      return compileList(node, context);
    case 'MultiSelectHash':
      return compileHash(node, context);
    case 'Function':
      return compileFunction(node, context);
    default:
      throw new ExpressionSyntaxError(`JMESPath ${node.type} is not supported`, 0);
  }
}

function requireElement(name: string, context: Context): void {
  if (context.hasElement) return;
  throw new ExpressionSyntaxError(`"${name}" has no meaning here: begin with a reference such as $response.body`, 0);
}

function compileField(node: NodeOf<'Field'>, context: Context): Evaluate {
  const { name } = node;
  requireElement(name, context);
  const isThere = context.root.cookieFields.has(node) ? Object.hasOwn : isEnumerable;
  return (element) => (isJsonObject(element) && isThere(element, name) ? (element[name] ?? null) : null);
}

function compileSlice(node: NodeOf<'Slice'>): Evaluate {
  if (node.step === 0) throw new ExpressionSyntaxError('The step of a slice cannot be 0', 0);
  return (element, run) => {
    if (!Array.isArray(element) && typeof element !== 'string') return null;
    spend(run, element.length);
    const items: Json[] = typeof element === 'string' ? [...element] : element;
    const { start, stop, step } = TreeInterpreter.computeSliceParams(items.length, node);
    const slice = TreeInterpreter.slice(items, start, stop, step);
    return typeof element === 'string' ? slice.join('') : slice;
  };
}

type Pair = { left: Node; right: Node };

function chain({ left, right }: Pair, context: Context, isEnd: (value: Json) => boolean): Evaluate {
  const first = compileNode(left, context);
  const second = compileNode(right, { ...context, hasElement: true });
  return (element, run) => {
    const value = first(element, run);
    return isEnd(value) ? null : second(value, run);
  };
}

function compileProjection(pair: Pair, context: Context, toItems: (base: Json) => Json[] | null): Evaluate {
  const base = compileNode(pair.left, context);
  const project = compileNode(pair.right, { ...context, hasElement: true });
  const slicesText = pair.left.type === 'IndexExpression' && pair.left.right.type === 'Slice';
  return (element, run) => {
    const value = base(element, run);
    if (slicesText && typeof value === 'string') return project(value, run);
    const items = toItems(value);
    if (items === null) return null;
    const projected: Json[] = [];
    for (const item of items) {
      spend(run, 1);
      const result = project(item, run);
      if (result !== null) projected.push(result);
    }
    return projected;
  };
}

function compileFilter(node: NodeOf<'FilterProjection'>, context: Context): Evaluate {
  const inside = { ...context, hasElement: true };
  const base = compileNode(node.left, context);
  const condition = compileNode(node.condition, inside);
  const project = compileNode(node.right, inside);
  return (element, run) => {
    const items = base(element, run);
    if (!Array.isArray(items)) return null;
    const kept: Json[] = [];
    for (const item of items) {
      spend(run, 1);
      const result = isFalse(condition(item, run)) ? null : project(item, run);
      if (result !== null) kept.push(result);
    }
    return kept;
  };
}

function compileFlatten(child: Evaluate): Evaluate {
  return (element, run) => {
    const items = child(element, run);
    if (!Array.isArray(items)) return null;
    const flat = items.flat();
    spend(run, items.length + flat.length);
    return flat;
  };
}

function compileComparator(node: NodeOf<'Comparator'>, context: Context): Evaluate {
  const left = compileNode(node.left, context);
  const right = compileNode(node.right, context);
  if (node.name === 'EQ') return (element, run) => isEqual(left(element, run), right(element, run), run);
  if (node.name === 'NE') return (element, run) => !isEqual(left(element, run), right(element, run), run);
  const holds = orders[node.name];
  return (element, run) => {
    const first = left(element, run);
    const second = right(element, run);
    return typeof first === 'number' && typeof second === 'number' ? holds(first, second) : null;
  };
}

const orders = {
  GT: (a: number, b: number) => a > b,
  GTE: (a: number, b: number) => a >= b,
  LT: (a: number, b: number) => a < b,
  LTE: (a: number, b: number) => a <= b,
};

function compileLogic(node: Pair, context: Context, goesOnWhenFalse: boolean): Evaluate {
  const left = compileNode(node.left, context);
  const right = compileNode(node.right, context);
  return (element, run) => {
    const value = left(element, run);
    return isFalse(value) === goesOnWhenFalse ? right(element, run) : value;
  };
}

function compileList(node: NodeOf<'MultiSelectList'>, context: Context): Evaluate {
  context.root.canMultiply = true;
  const children = node.children.map((child) => compileNode(child, context));
  return (element, run) => {
    spend(run, children.length);
    return children.map((evaluate) => evaluate(element, run));
  };
}

function compileHash(node: NodeOf<'MultiSelectHash'>, context: Context): Evaluate {
  context.root.canMultiply = true;
  const entries = node.children.map(({ name, value }) => {
    if (name === '__proto__') throw new ExpressionSyntaxError('"__proto__" cannot be a name', 0);
    return { name, evaluate: compileNode(value, context) };
  });
  return (element, run) => {
    spend(run, entries.length);
    const selected: JsonObject = {};
    for (const { name, evaluate } of entries) selected[name] = evaluate(element, run);
    return selected;
  };
}

function compileFunction(node: NodeOf<'Function'>, context: Context): Evaluate {
  const { name, children } = node;
  if (context.isInFunction) {
    throw new ExpressionSyntaxError(`${name}() is inside another function call: function calls cannot nest`, 0);
  }
  if (textFunctions.has(name)) context.root.canMultiply = true;
  const inside = { ...context, isInFunction: true };
  const by = byFunctions.get(name);
  if (by !== undefined) return compileByFunction(name, by, children, inside);
  const called = valueFunctions.get(name);
  if (called === undefined) throw new ExpressionSyntaxError(`There is no function ${name}()`, 0);
  return compileValueFunction(name, called, children, inside);
}

function compileValueFunction(name: string, called: ValueFunction, children: Node[], context: Context): Evaluate {
  requireCount(name, children, called.argumentsMin, called.argumentsMax);
  const values = children.map((child) => compileNode(child, context));
  return (element, run) => {
    const given = values.map((evaluate) => evaluate(element, run));
    return called.call(given, run);
  };
}

function compileByFunction(name: string, by: ByFunction, children: Node[], context: Context): Evaluate {
  requireCount(name, children, 2, 2);
  const [list, expression] = children;
  if (list === undefined || expression?.type !== 'ExpressionReference') {
    throw new ExpressionSyntaxError(`${name}() takes a list and an expression such as &age`, 0);
  }
  const items = compileNode(list, context);
  const key = compileNode(expression.child, { ...context, hasElement: true });
  return (element, run) => {
    const value = items(element, run);
    if (!Array.isArray(value)) return null;
    spend(run, value.length);
    return by(
      value.map((item) => ({ item, key: key(item, run) })),
      run,
    );
  };
}

function requireCount(name: string, children: Node[], min: number, max: number): void {
  if (children.length >= min && children.length <= max) return;
  const expected = min === max ? `${min}` : `at least ${min}`;
  throw new ExpressionSyntaxError(`${name}() takes ${expected} argument${expected === '1' ? '' : 's'}`, 0);
}
