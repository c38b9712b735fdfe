import type { HttpMethod } from '@toolplane/contracts';
import type { Step } from './model.ts';

/** Every step may be sent twice without harm. */
export function isRepeatable({ steps }: { steps: Step[] }): boolean {
  return usesOnly(steps, ['GET', 'HEAD', 'PUT', 'DELETE']);
}

export function usesOnly(steps: Step[], methods: HttpMethod[]): boolean {
  return steps.every(({ request }) => methods.includes(request.method));
}
