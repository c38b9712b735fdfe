import type { HttpMethod } from '@toolplane/contracts';
import type { Step } from './model.ts';

export function methodsOf(steps: Step[]): HttpMethod[] {
  return steps.map(({ request }) => request.method);
}
