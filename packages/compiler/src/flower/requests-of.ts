import type { Request, Step } from './model.ts';

export function requestsOf(steps: Step[]): Request[] {
  return steps.map(({ request }) => request);
}
