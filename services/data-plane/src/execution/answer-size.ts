import { AppError, type Json, type Plan } from '@toolplane/contracts';

export function bytesOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

export function checkSize(plan: Plan, bytes: number): void {
  if (bytes <= plan.outputBytesMax) return;
  const what = plan.content === undefined ? 'outputs' : 'outputs and the content';
  throw tooLarge(plan, `The ${what} of the tool have ${bytes} bytes; the limit is ${plan.outputBytesMax}`);
}

/** Says what whoever called can do about it. */
export function tooLarge({ narrowingInputs = [] }: Plan, message: string): AppError {
  const advice = narrowingInputs.length === 0 ? '' : `. Inputs that can make it smaller: ${narrowingInputs.join(', ')}`;
  return new AppError('output_too_large', message + advice);
}
