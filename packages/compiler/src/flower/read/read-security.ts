import type { Part } from '../../document/part.ts';
import type { Expression } from '../model.ts';
import { readExpression } from './read-expression.ts';

const HINT = 'For example, write "Bearer $secrets.API_KEY" or just "$secrets.API_KEY".';

/** Reads `"<scheme> $secrets.X"` as an Authorization header; a bare reference means Bearer. */
export function readSecurity(part: Part): Expression | undefined {
  const text = part.text();
  if (text === undefined) return undefined;
  const written = readExpression('Authorization', part);
  const [reference, ...others] = written.references;
  const isBare = written.template.kind === 'reference';
  const isCredential = reference?.path[0] === 'secrets' || reference?.path[0] === 'current_user';
  if (!isCredential || others.length > 0 || !(isBare || /^[A-Za-z][A-Za-z0-9-]* +\{?\$[^ ]+$/.test(text))) {
    part.error('invalid_security', 'This must be a scheme and one secret', HINT);
    return undefined;
  }
  if (!isBare) return written;
  return { ...written, template: { kind: 'text', parts: ['Bearer ', { path: reference.path }] } };
}
