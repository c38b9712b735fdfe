import { styleText } from 'node:util';
import { LocalError } from './local-error.ts';

/** The phases of the start, which may run at the same time, and lines in between. */
export type StartProgress = {
  /** Runs a phase and prints how long it took. A failure names the phase. */
  phase<Result>(name: string, run: () => Promise<Result>): Promise<Result>;
  say(line: string): void;
  warn(line: string): void;
};

type Stream = { isTTY?: boolean; write(text: string): unknown };

const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const SPINNER_MS = 80;

/** On a terminal, the last line shows what is running; elsewhere, each line is printed when it is final. */
export function createProgress(stream: Stream = process.stderr): StartProgress {
  const isTerminal = stream.isTTY === true;
  const running = new Map<string, number>();
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;

  const color = (format: Parameters<typeof styleText>[0], text: string) =>
    isTerminal && process.env['NO_COLOR'] === undefined ? styleText(format, text, { validateStream: false }) : text;
  const secondsSince = (startedAt: number) => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

  function drawStatus(): void {
    if (!isTerminal || running.size === 0) return;
    const names = [...running].map(([name, startedAt]) => `${name} ${secondsSince(startedAt)}`);
    frame += 1;
    stream.write(`\r\u001B[2K${SPINNER[frame % SPINNER.length]} ${names.join(', ')}`);
  }

  function print(line: string): void {
    stream.write(`${isTerminal ? '\r\u001B[2K' : ''}${line}\n`);
    drawStatus();
  }

  function finish(name: string): string {
    const took = secondsSince(running.get(name) ?? 0);
    running.delete(name);
    if (running.size === 0) clearInterval(timer);
    return took;
  }

  return {
    async phase(name, run) {
      if (running.size === 0 && isTerminal) timer = setInterval(drawStatus, SPINNER_MS).unref();
      running.set(name, performance.now());
      drawStatus();
      try {
        const result = await run();
        const took = finish(name);
        print(`${color('green', '✓')} ${name} ${color('dim', took)}`);
        return result;
      } catch (error) {
        const took = finish(name);
        print(`${color('red', '✗')} ${name} ${color('dim', took)}`);
        throw error instanceof LocalError ? new LocalError(`${name}: ${error.message}`) : error;
      }
    },
    say: print,
    warn: (line) => print(`${color('yellow', 'warning:')} ${line}`),
  };
}
