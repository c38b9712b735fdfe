import { connect, type Socket } from 'node:net';

const READ_BYTES = 64 * 1024;

type Connection = { socket: Socket; onAnswer: ((isRight: boolean) => void) | undefined };

/**
 * A client that costs a fraction of the server, so that the server is the bottleneck: a server that waits for its
 * client pays for each wake-up. It sends one POST after the other on each of as many connections as are needed, and
 * accepts only responses with `Content-Length`. `isRight` checks the first body of each length on a connection.
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

  /** Returns an idle connection that is still open: a server closes connections that are unused for some seconds. */
  function takeIdle(): Connection | undefined {
    const connection = idle.pop();
    return connection?.socket.destroyed ? takeIdle() : connection;
  }

  function open(): Connection {
    const reader = createReader(isRight, settle);
    // One buffer receives everything: a new one for each read would cost more than the rest of a large response.
    const onread = { buffer: Buffer.allocUnsafe(READ_BYTES), callback: reader };
    const socket = connect({ port: Number(port), host: hostname, onread })
      .setNoDelay(true)
      .unref();
    const connection: Connection = { socket, onAnswer: undefined };
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    return connection;

    function settle(isGood: boolean): void {
      const { onAnswer } = connection;
      connection.onAnswer = undefined;
      if (!socket.destroyed) idle.push(connection);
      onAnswer?.(isGood);
    }
  }

  return (body) =>
    new Promise((resolve) => {
      const connection = takeIdle() ?? open();
      connection.onAnswer = resolve;
      connection.socket.write(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
}

/** Processes the bytes of one connection, piece by piece, and settles at the end of each response. */
function createReader(isRight: (body: Buffer) => boolean, settle: (isRight: boolean) => void) {
  const rightLengths = new Set<number>();
  let parts: Buffer[] = [];
  let received = 0;
  let expected = 0;
  let bodyBytes = 0;
  let isOk = false;

  function begin(part: Buffer): void {
    const headEnd = part.indexOf('\r\n\r\n') + 4;
    const head = part.toString('latin1', 0, headEnd);
    bodyBytes = Number(/\r\ncontent-length: (\d+)\r/i.exec(head)?.[1]);
    isOk = Number.isInteger(bodyBytes) && head.startsWith('HTTP/1.1 200 ');
    expected = headEnd + bodyBytes;
  }

  function end(): void {
    if (parts.length > 0 && isRight(Buffer.concat(parts).subarray(-bodyBytes))) rightLengths.add(bodyBytes);
    parts = [];
    received = 0;
    settle(isOk && rightLengths.has(bodyBytes));
  }

  return (bytes: number, buffer: Uint8Array): boolean => {
    const part = Buffer.from(buffer.buffer, buffer.byteOffset, bytes);
    if (received === 0) begin(part);
    received += bytes;
    if (!rightLengths.has(bodyBytes)) parts.push(Buffer.from(part));
    if (!(received < expected)) end();
    return true;
  };
}
