import { namesCookies } from '../reference.ts';
import type { Node } from './compile-node.ts';

type Field = Extract<Node, { type: 'Field' }>;

/** More than the number of names in the longest path to the cookies of a response. */
const PATH_LENGTH_MAX = 6;

/**
 * Returns the fields that name the cookies of a response, each with its path from the scope, however it is written:
 * both `$response.headers.set-cookie` and `$response.headers["set-cookie"]`.
 */
export function findCookieFields(root: Node): Map<Field, string[]> {
  const found = new Map<Field, string[]>();
  visit(root, undefined);
  return found;

  /**
   * `path` leads to the current element. Returns the path to the value of the node, or undefined if the path is not
   * known before run time.
   */
  function visit(node: Node, path: string[] | undefined): string[] | undefined {
    switch (node.type) {
      case 'Root':
        return [];
      case 'Current':
      case 'Identity':
        return path;
      case 'Field': {
        const named = path !== undefined && path.length < PATH_LENGTH_MAX ? [...path, node.name] : undefined;
        if (named !== undefined && namesCookies(named)) found.set(node, named);
        return named;
      }
      case 'Subexpression':
      case 'IndexExpression':
      case 'Pipe':
        return visit(node.right, visit(node.left, path));
      default:
        visitOthers(node, path);
        return undefined;
    }
  }

  function visitOthers(node: Node, path: string[] | undefined): void {
    switch (node.type) {
      case 'Projection':
      case 'ValueProjection':
        visit(node.left, path);
        visit(node.right, undefined);
        break;
      case 'FilterProjection':
        visit(node.left, path);
        visit(node.condition, undefined);
        visit(node.right, undefined);
        break;
      case 'Comparator':
      case 'AndExpression':
      case 'OrExpression':
        visit(node.left, path);
        visit(node.right, path);
        break;
      case 'Flatten':
      case 'NotExpression':
        visit(node.child, path);
        break;
      case 'ExpressionReference':
        visit(node.child, undefined);
        break;
      case 'MultiSelectList':
      case 'Function':
        for (const child of node.children) visit(child, path);
        break;
      case 'MultiSelectHash':
        for (const { value } of node.children) visit(value, path);
    }
  }
}
