import type { Template } from '@toolplane/contracts';
import type { NamedPart } from '../model.ts';
import type { WorkflowContext } from './context.ts';
import type { ExpressionLocation } from './expression-location.ts';
import { parseOutput } from './parse-in-place.ts';

/** Compiles outputs in the order of the document: an output of a step can use those before it. */
export function compileOutputs(
  outputs: NamedPart[],
  siteAt: (position: number) => ExpressionLocation,
  context: WorkflowContext,
): [string, Template][] {
  return outputs.map(({ name, part }, position) => [name, parseOutput(part, siteAt(position), context)]);
}
