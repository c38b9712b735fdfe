import { connect, type Socket } from 'node:net';

type Connection = { socket: Socket; onAnswer: ((isRight: boolean) => void) | undefined };

/**
 * A client that costs a fraction of the server it asks, so that it is the server that limits: a server that waits for
 * its client pays for each wake-up. One POST after another on each of as many connections as are needed, answers with
 * `Content-Length` alone. `isRight` looks at the first body of each length of a connection.
 */
export function createRawPoster(
  url: string,
  headers: Record<string, string>,
  isRight: (body: Buffer) => boolean,
): (body: string) => Promise<boolean> {
  const { hostname, port, pathname, host } = new URL(url);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}content-length: `;
  const idle: Connection[] = [];

  /** A server closes a connection that nobody uses for some seconds. */
  function takeIdle(): Connection | undefined {
    const connection = idle.pop();
    return connection?.socket.destroyed ? takeIdle() : connection;
  }

  function open(): Connection {
    const socket = connect(Number(port), hostname).setNoDelay(true).unref();
    const connection: Connection = { socket, onAnswer: undefined };
    const settle = (isGood: boolean) => {
      const { onAnswer } = connection;
      connection.onAnswer = undefined;
      if (!socket.destroyed) idle.push(connection);
      onAnswer?.(isGood);
    };
    readAnswers(socket, isRight, settle);
    return connection;
  }

  return (body) =>
    new Promise((resolve) => {
      const connection = takeIdle() ?? open();
      connection.onAnswer = resolve;
      connection.socket.write(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
}

function readAnswers(socket: Socket, isRight: (body: Buffer) => boolean, settle: (isGood: boolean) => void): void {
  const rightLengths = new Set<number>();
  let parts: Buffer[] = [];
  let received = 0;
  let expected = 0;
  let bodyBytes = 0;
  let isOk = false;

  socket.on('data', (part) => {
    if (received === 0) {
      const headEnd = part.indexOf('\r\n\r\n') + 4;
      const head = part.toString('latin1', 0, headEnd);
      bodyBytes = Number(/\r\ncontent-length: (\d+)\r/i.exec(head)?.[1]);
      isOk = Number.isInteger(bodyBytes) && head.startsWith('HTTP/1.1 200 ');
      expected = headEnd + bodyBytes;
    }
    received += part.length;
    parts.push(part);
    if (!(received < expected)) end();
  });
  socket.once('error', () => settle(false));
  socket.once('close', () => settle(false));

  function end(): void {
    if (!rightLengths.has(bodyBytes) && isRight(Buffer.concat(parts).subarray(-bodyBytes))) rightLengths.add(bodyBytes);
    parts = [];
    received = 0;
    settle(isOk && rightLengths.has(bodyBytes));
  }
}
