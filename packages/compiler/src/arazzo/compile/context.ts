import type { CompileOptions } from '../../compiled-document.ts';
import type { ControlFlow } from '../../control-flow/trace-exits.ts';
import type { Part } from '../../document/part.ts';
import type { Hint, Place, Problems } from '../../document/problems.ts';
import type { Action, ArazzoDocument, Parameter, Step, Workflow } from '../model.ts';
import type { FoundOperation } from '../sources/find-operation.ts';
import type { LoadedSources } from '../sources/load-sources.ts';
import type { WorkflowEntry, WorkflowTable } from './workflow-table.ts';

/** What the workflows of one document share during compilation. */
export type DocumentContext = {
  document: ArazzoDocument;
  /** True if the document may send data of the caller: the user's token and the configuration. */
  isTrusted: boolean;
  sources: LoadedSources;
  options: CompileOptions;
  table: WorkflowTable;
  report: Report;
};

/**
 * Reports a problem. `pointer` is relative to the part. The same problem is reported once, however many steps are
 * affected.
 */
export type Report = (
  severity: 'error' | 'warn',
  part: Part,
  code: string,
  message: string,
  hint: Hint,
  place?: Place & { pointer?: string },
) => void;

export type WorkflowContext = DocumentContext & {
  workflow: Workflow;
  /** The steps in the order in which they run. */
  steps: StepContext[];
  flow: ControlFlow;
};

/** A step with what it inherits from its workflow. */
export type StepContext = {
  step: Step;
  index: number;
  /** Absent if it cannot be used, which is reported. */
  target?: StepTarget;
  parameters: Parameter[];
  onSuccess: Action[];
  onFailure: Action[];
};

export type StepTarget = { kind: 'operation'; found: FoundOperation } | { kind: 'workflow'; entry: WorkflowEntry };

export function createReport(): Report {
  const reportedOf = new WeakMap<Problems, Set<string>>();
  return (severity, { problems, pointer }, code, message, hint, { pointer: inside = '', ...place } = {}) => {
    const at = pointer + inside;
    const key = JSON.stringify([code, at, place.offset, message]);
    const reported = reportedOf.get(problems) ?? new Set();
    reportedOf.set(problems, reported);
    if (reported.has(key)) return;
    reported.add(key);
    problems[severity](code, at, message, hint, place);
  };
}
