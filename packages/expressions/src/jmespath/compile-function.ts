import { ExpressionSyntaxError } from '../expression-error.ts';
import { type Context, compileNode, type Node } from './compile-node.ts';
import { type ByFunction, byFunctions, textFunctions, type ValueFunction, valueFunctions } from './functions.ts';
import { type Evaluate, spend } from './run.ts';

type FunctionNode = Extract<Node, { type: 'Function' }>;

export function compileFunction(node: FunctionNode, context: Context): Evaluate {
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
