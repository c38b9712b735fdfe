import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * A command as Redis reports it: bytes that are not text stay escaped. `source` is the address of the client, or `lua`
 * for a command of a script.
 */
export type SeenCommand = { words: string[]; source: string };

/**
 * Reports all commands that a Redis receives from now on, in order. Uses its own connection and not a client library,
 * because some clients take a command that arrives together with the reply to MONITOR for the reply to another command.
 */
export async function watchRedis(
  url: string,
  onCommand: (command: SeenCommand) => void,
): Promise<Disposable & { stop(): void }> {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  // Redis may be killed while it is watched.
  socket.on('error', () => {});
  const started = Promise.withResolvers<void>();
  const answers = password === '' ? ['+OK'] : ['+OK', '+OK'];
  createInterface({ input: socket }).on('line', (line) => {
    const expected = answers.shift();
    if (expected !== undefined && line !== expected) started.reject(new Error(`Redis answered ${line}`));
    else if (answers.length === 0 && expected !== undefined) started.resolve();
    else if (expected === undefined) onCommand(readCommand(line));
  });
  const name = username === '' ? 'default' : username;
  if (password !== '') socket.write(`AUTH ${decodeURIComponent(name)} ${decodeURIComponent(password)}\r\n`);
  socket.write('MONITOR\r\n');
  await started.promise;
  const stop = () => void socket.destroy();
  return { stop, [Symbol.dispose]: stop };
}

/** Parses a line such as `+1700000000.000001 [0 127.0.0.1:40000] "get" "key"`. */
function readCommand(line: string): SeenCommand {
  const words = Array.from(line.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, word = '']) => word.replaceAll('\\"', '"'));
  return { words, source: /\[\d+ ([^\]]*)\]/.exec(line)?.[1] ?? '' };
}
