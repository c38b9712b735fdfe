import { type HttpMethod, isIdempotent, type ToolAnnotations } from '@toolplane/contracts';

/** Everything may be sent twice without harm. */
export function isRepeatable(methods: HttpMethod[]): boolean {
  return methods.every(isIdempotent);
}

export function isReadOnly(methods: HttpMethod[]): boolean {
  return methods.every((method) => method === 'GET' || method === 'HEAD');
}

/** Hints about what the methods promise; a document knows better and can override each. */
export function toAnnotations(methods: HttpMethod[]): ToolAnnotations {
  return {
    readOnlyHint: isReadOnly(methods),
    destructiveHint: methods.includes('DELETE'),
    idempotentHint: isRepeatable(methods),
    openWorldHint: true,
  };
}
