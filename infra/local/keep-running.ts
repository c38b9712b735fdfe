import { type Child, childFailed } from './child.ts';
import { LocalError } from './local-error.ts';

type Keeping = {
  /** Resolves when the process is ready. */
  start(): Promise<Child>;
  say(line: string): void;
  /** Whether processes end because the platform is stopping. */
  isStopping(): boolean;
};

const RESTARTS_MAX = 5;
const RESTARTS_WITHIN_MS = 60_000;

/** Restarts a process whenever it ends, as Kubernetes would. Rejects if it ends too often within a minute. */
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
