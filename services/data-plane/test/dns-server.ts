import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

const TYPES = { 1: 'A', 28: 'AAAA' } as const;
const [CLASS_IN, RESPONSE, NO_SUCH_NAME, POINTER_TO_NAME] = [1, 0x8180, 3, 0xc00c];

export type DnsServer = AsyncDisposable & {
  /** `127.0.0.1:<port>` */
  address: string;
  /** The questions, such as `A name`, in the order of their arrival. */
  asked: string[];
  /**
   * Sets the responses for a name: each type gets them in order, and then always the last one. Without responses, the
   * name does not exist.
   */
  answer(name: string, ...answers: string[][]): void;
};

/** A real DNS server over UDP, whose responses expire at once (TTL 0). */
export async function startDnsServer(): Promise<DnsServer> {
  const asked: string[] = [];
  const answers = new Map<string, string[][]>();
  const socket = createSocket('udp4');

  function find(question: string): string[] | undefined {
    const left = answers.get(question);
    return left === undefined || left.length < 2 ? left?.[0] : left.shift();
  }

  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = readQuestion(query);
    const question = `${type} ${name}`;
    asked.push(question);
    const found = find(question);
    const records = (found ?? []).map(toRecord);
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    [found === undefined ? RESPONSE | NO_SUCH_NAME : RESPONSE, 1, records.length].forEach((value, index) => {
      header.writeUInt16BE(value, 2 + index * 2);
    });
    socket.send(Buffer.concat([header, query.subarray(12, end), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    asked,
    address: `127.0.0.1:${socket.address().port}`,
    answer(name, ...lists) {
      for (const [type, isOfType] of [['A', isIPv4] as const, ['AAAA', (it: string) => !isIPv4(it)] as const]) {
        answers.set(
          `${type} ${name}`,
          lists.map((list) => list.filter(isOfType)),
        );
      }
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(resolve)),
  };
}

/** Reads the one question of a message (RFC 1035, 4.1.2). */
function readQuestion(query: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  return { name: labels.join('.').toLowerCase(), type: TYPES[type as keyof typeof TYPES] ?? String(type), end: at + 5 };
}

function toRecord(address: string): Buffer {
  const bytes = ipaddr.parse(address).toByteArray();
  const head = Buffer.alloc(12);
  head.writeUInt16BE(POINTER_TO_NAME, 0);
  head.writeUInt16BE(bytes.length === 4 ? 1 : 28, 2);
  head.writeUInt16BE(CLASS_IN, 4);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, Buffer.from(bytes)]);
}
