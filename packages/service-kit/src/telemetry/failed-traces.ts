import { type Context, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

export type HeldLimits = {
  /** The limit of one trace. The newest spans are kept, because they are near the failure. */
  spansPerTraceMax: number;
  /** The limit of all unfinished traces. The oldest trace gives up the spans that it holds, but keeps later ones. */
  spansMax: number;
};

/** What a process knows about one trace: a root, which began here or in another process, and the spans within it. */
type LocalTrace = { root: object; held: ReadableSpan[]; droppedCount: number; end: 'kept' | 'forgotten' | undefined };

/**
 * Passes sampled spans on immediately. Other spans are held until their root has ended: then those of a failed trace
 * are passed on, and all others are forgotten. Every service decides on its own, and each of them sees that a call
 * failed, so the exported parts of the call are connected.
 */
export class FailedTraces implements SpanProcessor {
  readonly #next: SpanProcessor;
  readonly #limits: HeldLimits;
  readonly #onDropped: (count: number) => void;
  /** The traces by span. A span within another one belongs to the same trace. */
  readonly #traceOf = new WeakMap<object, LocalTrace>();
  /** The traces that hold spans, the one that has held some for the longest first. */
  readonly #holding = new Set<LocalTrace>();
  #heldCount = 0;

  constructor(next: SpanProcessor, limits: HeldLimits, onDropped: (count: number) => void) {
    this.#next = next;
    this.#limits = limits;
    this.#onDropped = onDropped;
  }

  /** The number of spans that are held now, in all traces. */
  get heldCount(): number {
    return this.#heldCount;
  }

  onStart(span: Span, parentContext: Context): void {
    if (isSampled(span)) return;
    const parent = trace.getSpan(parentContext);
    const ofParent = parent === undefined ? undefined : this.#traceOf.get(parent);
    this.#traceOf.set(span, ofParent ?? { root: span, held: [], droppedCount: 0, end: undefined });
  }

  onEnd(span: ReadableSpan): void {
    const local = this.#traceOf.get(span);
    if (local?.end === 'forgotten') return;
    if (local === undefined || local.end === 'kept') this.#next.onEnd(span);
    else if (local.root === span) this.#end(local, span);
    else this.#hold(local, span);
  }

  #end(local: LocalTrace, root: ReadableSpan): void {
    const { held, droppedCount } = local;
    this.#release(local);
    local.end = root.status.code === SpanStatusCode.ERROR ? 'kept' : 'forgotten';
    if (local.end === 'forgotten') return;
    if (droppedCount > 0) this.#onDropped(droppedCount);
    for (const span of held) this.#next.onEnd(span);
    this.#next.onEnd(root);
  }

  #hold(local: LocalTrace, span: ReadableSpan): void {
    if (local.held.length >= this.#limits.spansPerTraceMax) {
      local.held.shift();
      local.droppedCount += 1;
      this.#heldCount -= 1;
    } else if (this.#heldCount >= this.#limits.spansMax) this.#giveUpOldest();
    this.#holding.add(local);
    local.held.push(span);
    this.#heldCount += 1;
  }

  #giveUpOldest(): void {
    const [oldest] = this.#holding;
    if (oldest === undefined) return;
    oldest.droppedCount += oldest.held.length;
    this.#release(oldest);
  }

  #release(local: LocalTrace): void {
    this.#heldCount -= local.held.length;
    local.held = [];
    this.#holding.delete(local);
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}

function isSampled(span: Pick<ReadableSpan, 'spanContext'>): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}
