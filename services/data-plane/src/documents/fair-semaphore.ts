import { AppError } from '@toolplane/contracts';

export type Asker = {
  tenant: string;
  signal: AbortSignal;
  /** Called if the work has to wait for a slot. */
  onWait(): void;
};

/** Runs the work when a slot is free; rejects if that takes too long. */
export type FairSemaphore = <Result>(asker: Asker, work: () => Promise<Result>) => Promise<Result>;

/** Work runs in the order of arrival, except that a tenant at its own limit lets others pass. */
export function createFairSemaphore({
  atOnce,
  tenantAtOnce,
  waitMsMax,
  refusal = 'Too many documents are being fetched right now',
}: {
  atOnce: number;
  tenantAtOnce: number;
  waitMsMax: number;
  /** The error message for callers that have waited too long. */
  refusal?: string;
}): FairSemaphore {
  /** The tenants of the work in progress, one entry for each piece of work. */
  const running: string[] = [];
  const waiting: { tenant: string; admit(): void }[] = [];

  function mayRun(tenant: string): boolean {
    return running.length < atOnce && running.filter((other) => other === tenant).length < tenantAtOnce;
  }

  async function wait({ tenant, signal }: Asker): Promise<void> {
    const turn = Promise.withResolvers<void>();
    const waiter = { tenant, admit: turn.resolve };
    const refuse = () => turn.reject(new AppError('config_unavailable', refusal));
    const stop = () => turn.reject(signal.reason);
    const timer = setTimeout(refuse, waitMsMax);
    signal.addEventListener('abort', stop);
    waiting.push(waiter);
    try {
      await turn.promise;
    } catch (reason) {
      waiting.splice(waiting.indexOf(waiter), 1);
      throw reason;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  function end(tenant: string): void {
    running.splice(running.indexOf(tenant), 1);
    const index = waiting.findIndex((waiter) => mayRun(waiter.tenant));
    for (const next of index < 0 ? [] : waiting.splice(index, 1)) {
      running.push(next.tenant);
      next.admit();
    }
  }

  return async (asker, work) => {
    const { tenant } = asker;
    if (mayRun(tenant)) running.push(tenant);
    else {
      asker.onWait();
      await wait(asker);
    }
    try {
      return await work();
    } finally {
      end(tenant);
    }
  };
}
