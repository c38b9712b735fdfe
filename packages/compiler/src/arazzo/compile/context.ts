import type { CompileOptions } from '../../compiled-document.ts';
import type { ControlFlow } from '../../control-flow/trace-exits.ts';
import type { StepActions } from '../check/trace-steps.ts';
import type { ArazzoDocument, Parameter, Workflow } from '../model.ts';
import type { FoundOperation } from '../sources/find-operation.ts';
import type { LoadedSources } from '../sources/load-sources.ts';
import type { Report } from './report.ts';

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

export type WorkflowContext = DocumentContext & {
  workflow: Workflow;
  /** The steps in the order in which they run. */
  steps: StepContext[];
  flow: ControlFlow;
};

/** A step with what it inherits from its workflow. */
export type StepContext = StepActions & {
  /** Absent if it cannot be used, which is reported. */
  target?: StepTarget;
  parameters: Parameter[];
};

export type StepTarget = { kind: 'operation'; found: FoundOperation } | { kind: 'workflow'; entry: WorkflowEntry };

/** A workflow of any document, with its index among all compiled workflows. */
export type WorkflowEntry = { index: number; workflow: Workflow; context: DocumentContext };

/** A value of another workflow that an expression of `from` uses; `warn` reports at the location of the expression. */
export type WorkflowUse = {
  from: Workflow;
  to: WorkflowEntry;
  warn(code: string, message: string, hint: string): void;
};

/**
 * Numbers the workflows in the order in which they are found: first those of the deployed document, then those of other
 * documents that they use.
 */
export class WorkflowTable {
  readonly #entries: WorkflowEntry[] = [];
  readonly #byWorkflow = new Map<Workflow, WorkflowEntry>();
  readonly #contexts = new Map<ArazzoDocument, DocumentContext>();
  readonly #uses: WorkflowUse[] = [];
  readonly #report: Report;
  readonly #trusted: ReadonlySet<ArazzoDocument>;

  constructor(report: Report, trusted: ReadonlySet<ArazzoDocument>) {
    this.#report = report;
    this.#trusted = trusted;
  }

  /** The iterable grows during iteration. */
  get entries(): Iterable<WorkflowEntry> {
    return this.#entries.values();
  }

  get uses(): readonly WorkflowUse[] {
    return this.#uses;
  }

  addUse(use: WorkflowUse): void {
    this.#uses.push(use);
  }

  entryOf(workflow: Workflow, context: DocumentContext): WorkflowEntry {
    const known = this.#byWorkflow.get(workflow);
    if (known !== undefined) return known;
    const entry = { index: this.#entries.length, workflow, context };
    this.#entries.push(entry);
    this.#byWorkflow.set(workflow, entry);
    return entry;
  }

  /**
   * Returns the one context of each document, whatever led to it. It reports problems even if the context of the caller
   * does not.
   */
  contextOf({
    document,
    sources,
    options,
  }: Pick<DocumentContext, 'document' | 'sources' | 'options'>): DocumentContext {
    const known = this.#contexts.get(document);
    if (known !== undefined) return known;
    const isTrusted = this.#trusted.has(document);
    const context = { document, isTrusted, sources, options, table: this, report: this.#report };
    this.#contexts.set(document, context);
    return context;
  }
}
