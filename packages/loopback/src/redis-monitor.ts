import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * As Redis reports it: what is not text stays escaped. `source` is the address of the client, or `lua` within a script.
 */
export type SeenCommand = { words: string[]; source: string };

/**
 * All that a Redis is asked from now on, in its order. A connection of its own and not that of a client, of which some
 * take a command that comes together with the answer to MONITOR for the answer to another.
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

/** `+1700000000.000001 [0 127.0.0.1:40000] "get" "key"` */
function readCommand(line: string): SeenCommand {
  const words = Array.from(line.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, word = '']) => word.replaceAll('\\"', '"'));
  return { words, source: /\[\d+ ([^\]]*)\]/.exec(line)?.[1] ?? '' };
}
