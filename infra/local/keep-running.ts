import { type Child, childFailed } from './child.ts';
import { LocalError } from './local-error.ts';

type Keeping = {
  /** Resolves when it is ready. */
  start(): Promise<Child>;
  say(line: string): void;
  /** Whether processes end because they should. */
  isStopping(): boolean;
};

const RESTARTS_MAX = 5;
const RESTARTS_WITHIN_MS = 60_000;

/** Starts a process again whenever it ends, as Kubernetes would. Rejects when it ends again and again. */
export async function keepRunning(first: Child, { start, say, isStopping }: Keeping): Promise<never> {
  const { name, logFile } = first;
  let problem = await endOf(first);
  let endedAt: number[] = [];
  while (!isStopping()) {
    const now = performance.now();
    endedAt = [...endedAt.filter((at) => now - at < RESTARTS_WITHIN_MS), now];
    if (endedAt.length > RESTARTS_MAX) {
      throw new LocalError(`${name} ended ${endedAt.length} times within a minute; see ${logFile}`);
    }
    say(`${problem.message}; starting it again…`);
    try {
      const child = await start();
      say(`${name} is running again.`);
      problem = await endOf(child);
    } catch (error) {
      if (!(error instanceof LocalError)) throw error;
      problem = error;
    }
  }
  throw new LocalError('stopped');
}

async function endOf(child: Child): Promise<LocalError> {
  return childFailed(child, `has ended (${await child.ended})`);
}
