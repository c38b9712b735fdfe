import type { StepContext } from './context.ts';

/** The location of an expression: it determines which values are known there and which may be shown. */
export type ExpressionLocation =
  /** A parameter or the body of an operation. */
  | { kind: 'request'; step: StepContext }
  /** An input of the workflow that a step calls. */
  | { kind: 'call'; step: StepContext }
  | { kind: 'criterion'; step: StepContext }
  /** An input of the workflow that an action goes to. */
  | { kind: 'action'; step: StepContext }
  /** `position` is the index among the outputs of the step. */
  | { kind: 'step output'; step: StepContext; position: number }
  | { kind: 'output' };

/** The names of locations in messages. */
export const locationNames: Readonly<Record<ExpressionLocation['kind'], string>> = {
  request: 'a request',
  call: 'an input of a workflow',
  criterion: 'a condition',
  action: 'an input of a workflow',
  'step output': 'an output',
  output: 'an output',
};

/** Returns true before the request of the current step is sent. */
export function isBeforeAnswer({ kind }: ExpressionLocation): boolean {
  return kind === 'request' || kind === 'call';
}
