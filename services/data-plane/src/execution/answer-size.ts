import { AppError, type Json, type Plan } from '@toolplane/contracts';

export function bytesOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

export function checkSize(plan: Plan, bytes: number): void {
  if (bytes <= plan.outputBytesMax) return;
  throw tooLarge(plan, `The ${partsOf(plan)} of the tool have ${bytes} bytes; the limit is ${plan.outputBytesMax}`);
}

/** Used for outputs so large that their bytes were not counted. */
export function farTooLarge(plan: Plan): AppError {
  return tooLarge(plan, `The ${partsOf(plan)} of the tool are far above the limit of ${plan.outputBytesMax} bytes`);
}

/** Adds what the caller can do about it. */
export function tooLarge({ narrowingInputs = [] }: Plan, message: string): AppError {
  const advice = narrowingInputs.length === 0 ? '' : `. Inputs that can make it smaller: ${narrowingInputs.join(', ')}`;
  return new AppError('output_too_large', message + advice);
}

function partsOf({ content }: Plan): string {
  return content === undefined ? 'outputs' : 'outputs and the content';
}
