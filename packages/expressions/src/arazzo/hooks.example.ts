import { ExpressionSyntaxError } from '../expression-error.ts';
import type { ParseHooks, Resolved } from './resolve.ts';
import type { RuntimeExpression } from './runtime-expression.ts';

/** Collects the reports of a parser as `place: message`; values have the locations of a small document. */
export function exampleHooks(): { hooks: ParseHooks; errors: string[]; warnings: string[] } {
  const errors: string[] = [];
  const warnings: string[] = [];
  const hooks: ParseHooks = {
    resolve,
    onError: ({ pointer, offset, message }) => errors.push(`${pointer}:${offset} ${message}`),
    onWarning: ({ pointer, offset, message }) => warnings.push(`${pointer}:${offset} ${message}`),
  };
  return { hooks, errors, warnings };
}

function resolve({ source, segments }: RuntimeExpression): Resolved {
  switch (source.kind) {
    case 'url':
    case 'method':
      return { path: ['request', source.kind] };
    case 'statusCode':
      return { path: ['response', 'status'] };
    case 'self':
      return { value: "https://self.test/<it's>" };
    case 'request':
    case 'response': {
      const members = { header: 'headers', query: 'query', path: 'path', body: 'body', payload: 'body' };
      const name = source.name === '' ? [] : [source.name];
      return { path: [source.kind, members[source.part], ...name, ...segments] };
    }
    case 'inputs':
    case 'outputs':
      return { path: [source.kind, ...source.name.split('.'), ...segments] };
    case 'steps':
      if (source.id === 'unknown') throw new ExpressionSyntaxError('There is no step "unknown"', 7);
      return { path: ['steps', source.id, 'outputs', ...source.name.split('.'), ...segments] };
    case 'sourceDescriptions':
      return { value: source.reference === 'x-list' ? [1, null] : null };
    default:
      throw new ExpressionSyntaxError(`$${source.kind} is not allowed here`, 0);
  }
}
