import type { ArazzoDocument, Workflow } from '../model.ts';
import type { DocumentContext, Report } from './context.ts';

/** A workflow of any document, with its index among all that are compiled. */
export type WorkflowEntry = { index: number; workflow: Workflow; context: DocumentContext };

/** A value of another workflow that an expression of `from` takes; `warn` reports at the place of the expression. */
export type WorkflowUse = {
  from: Workflow;
  to: WorkflowEntry;
  warn(code: string, message: string, hint: string): void;
};

/** Numbers the workflows as they are found: those of the deployed document first, then what they use of others. */
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

  /** Grows while it is walked. */
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

  /** One for each document, however it is come by; each reports, also when whoever asks does not. */
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
