import type { ArazzoDocument, Workflow } from '../model.ts';
import type { DocumentContext } from './context.ts';

/** A workflow of any document, with its index among all that are compiled. */
export type WorkflowEntry = { index: number; workflow: Workflow; context: DocumentContext };

/** Numbers the workflows as they are found: those of the deployed document first, then what they use of others. */
export class WorkflowTable {
  readonly #entries: WorkflowEntry[] = [];
  readonly #byWorkflow = new Map<Workflow, WorkflowEntry>();
  readonly #contexts = new Map<ArazzoDocument, DocumentContext>();

  /** Grows while it is walked. */
  get entries(): Iterable<WorkflowEntry> {
    return this.#entries.values();
  }

  entryOf(workflow: Workflow, context: DocumentContext): WorkflowEntry {
    const known = this.#byWorkflow.get(workflow);
    if (known !== undefined) return known;
    const entry = { index: this.#entries.length, workflow, context };
    this.#entries.push(entry);
    this.#byWorkflow.set(workflow, entry);
    return entry;
  }

  /** One for each document, however it is come by. */
  contextOf({ document, sources, options, table, report }: DocumentContext): DocumentContext {
    const known = this.#contexts.get(document);
    if (known !== undefined) return known;
    const context = { document, sources, options, table, report };
    this.#contexts.set(document, context);
    return context;
  }
}
