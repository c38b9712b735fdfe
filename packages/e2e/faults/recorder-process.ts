import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { SOURCE_FLAGS } from '@toolplane/local/services';
import type { ReceivedRequest } from './journal.ts';

export type Recorder = AsyncDisposable & {
  pid: number;
  port: number;
  /** Ends the recorder and returns all requests that it has recorded. */
  readJournal(): Promise<ReceivedRequest[]>;
};

export async function startRecorder(file: string): Promise<Recorder> {
  const program = new URL('recorder.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [...SOURCE_FLAGS, program, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Ctrl-C must reach only the campaign, which ends the recorder last.
    detached: true,
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    pid: child.pid ?? 0,
    port: Number(line),
    async readJournal() {
      await end(child);
      const requests: ReceivedRequest[] = [];
      for await (const each of createInterface({ input: createReadStream(file) })) requests.push(JSON.parse(each));
      return requests;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
