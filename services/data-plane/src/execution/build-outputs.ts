import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import type { NamedTemplate } from './prepare-plan.ts';

/** In the order of the document; what names nothing is null. */
export function buildOutputs(
  templates: readonly NamedTemplate[],
  scope: Scope,
  outputs: JsonObject = Object.create(null),
): JsonObject {
  for (const [name, evaluate] of templates) outputs[name] = evaluate(scope) ?? null;
  return outputs;
}

export function checkOutputSize(outputs: Json, bytesMax: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(outputs));
  if (bytes <= bytesMax) return;
  throw new AppError('output_too_large', `The outputs of the tool have ${bytes} bytes; the limit is ${bytesMax}`);
}
