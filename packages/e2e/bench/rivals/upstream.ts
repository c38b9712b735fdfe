import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The API that every system under test calls. Its argument is the delay of each response in milliseconds. */
const delayMs = Number(process.argv[2] ?? 0);

const http = createServer((request, response) => {
  const number = Number(request.url?.split('/').at(-1));
  const body = JSON.stringify({ number, name: `item ${number}`, price: number * 3, note: 'x'.repeat(200) });
  const answer = () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
  if (delayMs === 0) answer();
  else setTimeout(answer, delayMs);
});
http.keepAliveTimeout = 60_000;
http.listen(0, '127.0.0.1', () => process.stdout.write(`${(http.address() as AddressInfo).port}\n`));
