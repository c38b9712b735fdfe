import type { Parameter } from '../model.ts';

/** Those of the step, then those of the workflow that the step does not set itself. */
export function mergeParameters(ofStep: Parameter[], ofWorkflow: Parameter[]): Parameter[] {
  const own = new Set(ofStep.map(keyOf));
  return [...ofStep, ...ofWorkflow.filter((parameter) => !own.has(keyOf(parameter)))];
}

/** A parameter is its name and its place; only names of headers are the same in any case. */
function keyOf({ name, in: place }: Parameter): string {
  return `${place ?? ''} ${place === 'header' ? name.toLowerCase() : name}`;
}
