import { setTimeout as delay } from 'node:timers/promises';
import { itemCall } from '../item-tool.ts';
import { createRawPoster } from '../raw-poster.ts';

/*
 * A tenant that sends 1,500 calls at once, again and again: each second, or (`always`) as soon as all are answered.
 * Costs little itself, and prints how many were sent and how many were done when it is told to end.
 */

const [url = '', apiKey = '', pace = 'second'] = process.argv.slice(2);
const CALLS_AT_ONCE = 1500;

const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': apiKey };
const post = createRawPoster(url, headers, (body) => body.includes('item '));
let isEnding = false;
let [sent, done] = [0, 0];
process.on('SIGTERM', () => {
  isEnding = true;
});
// The sockets of the poster alone keep no process alive.
const staying = setInterval(() => undefined, 1000);
process.stdout.write('ready\n');
while (!isEnding) {
  const second = pace === 'second' ? delay(1000) : undefined;
  const answers = await Promise.all(Array.from({ length: CALLS_AT_ONCE }, (_, n) => post(itemCall(n))));
  sent += CALLS_AT_ONCE;
  done += answers.filter(Boolean).length;
  await second;
}
clearInterval(staying);
process.stderr.write(`flooder (${pace}): ${sent} calls sent, ${done} done, the others refused\n`);
