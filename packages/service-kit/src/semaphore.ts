/** How a piece of work waits for a slot. */
export type SlotWait = {
  /** Whose slots the work uses: a tenant, or an origin. */
  key?: string;
  timeoutMs?: number;
  /** If it fires, the wait rejects with its reason. */
  signal?: AbortSignal;
  /** Called if no slot is free at once. */
  onWait?(): void;
};

export type Semaphore = {
  /**
   * Returns undefined if a slot is free, so that work that need not wait continues at once. Every slot that was acquired
   * must be released.
   */
  acquire(wait?: SlotWait): Promise<void> | undefined;
  release(key?: string): void;
  /** Runs the work in a slot. */
  run<Result>(work: () => Promise<Result>, wait?: SlotWait): Promise<Result>;
};

type Usage = { held: number; waiting: number };

/**
 * Limits concurrent work: to `slotsMax` slots in all, and to `slotsPerKeyMax` for one key, so that no tenant can use up
 * what others need. Work waits in the order of its arrival, except that a key at its own limit lets others pass;
 * `waitingMax` limits how much work of one key waits. A key without work is forgotten.
 */
export function createSemaphore({
  slotsMax = Number.POSITIVE_INFINITY,
  slotsPerKeyMax = Number.POSITIVE_INFINITY,
  waitingMax = Number.POSITIVE_INFINITY,
  toError,
}: {
  slotsMax?: number;
  slotsPerKeyMax?: number;
  waitingMax?: number;
  /** Returns the error for work that is refused at once, or that has waited for too long. */
  toError(reason: 'queue_full' | 'timeout'): Error;
}): Semaphore {
  const usages = new Map<string, Usage>();
  const queue = new Set<{ usage: Usage; admit(): void }>();
  let held = 0;

  function acquire(wait: SlotWait = {}): Promise<void> | undefined {
    const { key = '' } = wait;
    let usage = usages.get(key);
    if (usage === undefined) {
      usage = { held: 0, waiting: 0 };
      usages.set(key, usage);
    }
    if (held < slotsMax && usage.held < slotsPerKeyMax) {
      hold(usage);
      return undefined;
    }
    if (usage.waiting >= waitingMax) throw toError('queue_full');
    wait.onWait?.();
    return waitForSlot(key, usage, wait);
  }

  function hold(usage: Usage): void {
    held += 1;
    usage.held += 1;
  }

  async function waitForSlot(key: string, usage: Usage, { timeoutMs, signal }: SlotWait): Promise<void> {
    const slot = Promise.withResolvers<void>();
    const waiter = { usage, admit: slot.resolve };
    queue.add(waiter);
    usage.waiting += 1;
    // A waiter leaves the queue at the moment at which it gives up, so that it is never assigned a slot that nobody uses.
    const giveUp = (error: unknown) => {
      if (!queue.delete(waiter)) return;
      usage.waiting -= 1;
      forgetUnused(key, usage);
      slot.reject(error);
    };
    const onAbort = () => giveUp(signal?.reason);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => giveUp(toError('timeout')), timeoutMs);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    try {
      await slot.promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  function release(key = ''): void {
    const usage = usages.get(key);
    if (usage === undefined) return;
    held -= 1;
    usage.held -= 1;
    forgetUnused(key, usage);
    // If only keys are limited, the slot is of no use to another key.
    if (usage.waiting === 0 && slotsMax === Number.POSITIVE_INFINITY) return;
    for (const waiter of queue) {
      if (waiter.usage.held >= slotsPerKeyMax) continue;
      queue.delete(waiter);
      waiter.usage.waiting -= 1;
      hold(waiter.usage);
      waiter.admit();
      return;
    }
  }

  function forgetUnused(key: string, usage: Usage): void {
    if (usage.held === 0 && usage.waiting === 0) usages.delete(key);
  }

  return {
    acquire,
    release,
    async run(work, wait) {
      const slot = acquire(wait);
      if (slot !== undefined) await slot;
      try {
        return await work();
      } finally {
        release(wait?.key);
      }
    },
  };
}
