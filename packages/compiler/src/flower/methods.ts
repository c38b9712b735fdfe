import type { HttpMethod } from '@toolplane/contracts';
import type { Step } from './model.ts';

export function usesOnly(steps: Step[], methods: HttpMethod[]): boolean {
  return steps.every(({ request }) => methods.includes(request.method));
}
