import { type Context, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

export type HeldLimits = {
  /** Of one trace: the newest stay, which are near its failure. */
  spansPerTraceMax: number;
  /** Of all traces under way: the oldest trace gives its spans up, and goes on with those to come. */
  spansMax: number;
};

/** What a process has seen of one trace: a root, which began here or at another process, and what is within. */
type LocalTrace = { root: object; held: ReadableSpan[]; droppedCount: number; end: 'kept' | 'forgotten' | undefined };

/**
 * Passes on what is sampled at once. What is not is held until its root has ended: a trace that failed is passed on
 * whole, any other is forgotten. Every service decides for itself, and all see that a call failed, so what is exported
 * of it is connected.
 */
export class FailedTraces implements SpanProcessor {
  readonly #next: SpanProcessor;
  readonly #limits: HeldLimits;
  readonly #onDropped: (count: number) => void;
  /** By span: what is within a span is of its trace. */
  readonly #traceOf = new WeakMap<object, LocalTrace>();
  /** Those that hold something, from the one that began to do so first. */
  readonly #holding = new Set<LocalTrace>();
  #heldCount = 0;

  constructor(next: SpanProcessor, limits: HeldLimits, onDropped: (count: number) => void) {
    this.#next = next;
    this.#limits = limits;
    this.#onDropped = onDropped;
  }

  /** Spans that are held now, of all traces. */
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
