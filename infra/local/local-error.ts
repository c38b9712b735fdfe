/** A problem that a person can fix; it is printed as one line, without a stack. */
export class LocalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LocalError';
  }
}

/** Runs a task of the command line; a failure is printed as one line on stderr, and the exit code is 1. */
export async function runTask(task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`toolplane: ${describeError(error)}\n`);
  }
}

/** Lines that never say why a program failed: routine messages, warnings, and positions in the code. */
const ROUTINE = /^\{"level":"(trace|debug|info|warn)"|^\(node:\d+\) |^\(Use `node |^ +at |^\s*$/;

/** The sentence of a program's output that most likely says why it failed; empty if none does. */
export function pickReason(output: string): string {
  const lines = output.split('\n').filter((line) => !ROUTINE.test(line));
  return toSentence((lines.findLast((line) => /^E:|error|fatal/i.test(line)) ?? lines.at(-1) ?? '').trim());
}

/** Services log JSON. People read the message and the message of the error. */
function toSentence(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter((part) => part !== undefined).join(': ') || line;
  } catch {
    return line;
  }
}

/** The message of a system error is one clear line already; a stack is printed only for unexpected errors. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { syscall, code } = error as NodeJS.ErrnoException;
  const isForPeople = error instanceof LocalError || syscall !== undefined || code?.startsWith('ERR_PARSE_ARGS');
  return isForPeople ? error.message : (error.stack ?? error.message);
}
