import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type CliRun = { code: number | null; stdout: string; stderr: string };

type Reported = { input?: string; env?: Record<string, string> };

/** The command line tool, used by a person who works in a folder. */
export type Cli = {
  /** Runs the tool until it ends, with the given input piped to it. */
  run(args: readonly string[], reported?: Reported): Promise<CliRun>;
  /** Starts the tool, which runs until it is interrupted. */
  start(args: readonly string[]): RunningCli;
};

export type RunningCli = {
  /** Resolves when the text was printed to stdout or stderr. */
  untilPrinted(part: string): Promise<void>;
  interrupt(): Promise<CliRun>;
};

/** `file` is the tool as downloaded from a platform; `env` is its whole environment. */
export function useCli(file: string, cwd: string, env: Record<string, string>): Cli {
  const begin = (args: readonly string[], more: Record<string, string> = {}) =>
    spawn(process.execPath, [file, ...args], { cwd, env: { ...env, ...more } });
  return {
    async run(args, { input = '', env: more } = {}) {
      const child = begin(args, more);
      child.stdin.end(input);
      const [[code], stdout, stderr] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
      return { code, stdout, stderr };
    },
    start: (args) => follow(begin(args)),
  };
}

function follow(child: ChildProcessWithoutNullStreams): RunningCli {
  const printed = { stdout: '', stderr: '' };
  const ended = once(child, 'close');
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (part: string) => {
      printed[stream] += part;
      child.emit('printed');
    });
  }
  return {
    async untilPrinted(part) {
      while (!`${printed.stdout}${printed.stderr}`.includes(part)) {
        const end = ended.then(() => Promise.reject(new Error(`It ended without "${part}": ${printed.stderr}`)));
        await Promise.race([once(child, 'printed'), end]);
      }
    },
    async interrupt() {
      child.kill('SIGINT');
      const [code] = await ended;
      return { code, ...printed };
    },
  };
}

/** Starts a proxy in front of a control plane that records every request and response. */
export async function recordTraffic(target: string): Promise<AsyncDisposable & { url: string; traffic: string[] }> {
  const traffic: string[] = [];
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const sent = await text(request);
    const { host: _, connection: _connection, 'content-length': _length, ...passed } = headers;
    const init = { method, headers: passed as Record<string, string>, ...(sent === '' ? {} : { body: sent }) };
    const answer = await fetch(`${target}${url}`, init);
    const got = await answer.text();
    traffic.push([method, url, JSON.stringify(headers), sent, got].join('\n'));
    const type = answer.headers.get('content-type');
    response.writeHead(answer.status, type === null ? {} : { 'content-type': type }).end(got);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    traffic,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
