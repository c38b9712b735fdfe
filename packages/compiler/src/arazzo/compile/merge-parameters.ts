import type { Parameter } from '../model.ts';

/** Returns the parameters of the step, followed by those of the workflow that the step does not set itself. */
export function mergeParameters(ofStep: Parameter[], ofWorkflow: Parameter[]): Parameter[] {
  const own = new Set(ofStep.map(keyOf));
  return [...ofStep, ...ofWorkflow.filter((parameter) => !own.has(keyOf(parameter)))];
}

/** A parameter is identified by its name and its location. Only header names are case-insensitive. */
function keyOf({ name, in: place }: Parameter): string {
  return `${place ?? ''} ${place === 'header' ? name.toLowerCase() : name}`;
}
