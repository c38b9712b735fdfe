/*
 * The upstream of a campaign, in its own process: it records every request before it answers, and knows nothing of the
 * platform. Its argument is the path of its journal.
 */
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReceivedRequest } from './journal.ts';
import { monotonicMs } from './monotonic.ts';
import { type ToolName, tools } from './tools.ts';

const [file = ''] = process.argv.slice(2);
const journal = createWriteStream(file, { flags: 'a' });

const TICK_MS = 20;
let due = monotonicMs() + TICK_MS;
let lateMs = 0;
setInterval(() => {
  lateMs = Math.max(0, monotonicMs() - due);
  due = monotonicMs() + TICK_MS;
}, TICK_MS);

const server = createServer((request, response) => {
  const [, tool = '', step = '', call = ''] = (request.url ?? '').split('/');
  const at = monotonicMs();
  const seen: ReceivedRequest = { call, step, at, wallMs: Date.now(), lateMs: Math.ceil(Math.max(lateMs, at - due)) };
  journal.write(`${JSON.stringify(seen)}\n`);
  request.resume();
  const { stepMs = 0 } = tools[tool as ToolName] ?? {};
  setTimeout(() => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ call }));
  }, stepMs);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.once('SIGTERM', () => journal.end(() => process.exit(0)));
