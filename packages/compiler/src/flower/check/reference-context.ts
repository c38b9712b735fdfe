import type { ControlFlow } from '../../control-flow/trace-exits.ts';
import type { Hint } from '../../document/problems.ts';
import type { Procedure } from '../model.ts';

/** The location of a reference: it determines which values can be known there and which may be shown. */
export type ReferenceLocation =
  | { kind: 'request'; step: number }
  | { kind: 'step output'; step: number; output: number }
  | { kind: 'condition'; step: number }
  | { kind: 'question'; round: number }
  | { kind: 'output' }
  | { kind: 'content' }
  | { kind: 'analytics' };

export type ReferenceContext = {
  procedure: Procedure;
  controlFlow: ControlFlow;
  secretNames: readonly string[];
  report: (severity: 'error' | 'warn', code: string, message: string, hint: Hint) => void;
};
