import { setTimeout as delay } from 'node:timers/promises';
import { itemCall } from '../item-tool.ts';
import { createPoster } from '../measure.ts';

/*
 * A tenant that sends 1,500 calls at once, again and again: each second, or (`always`) as soon as all are answered.
 * Prints how many were sent and how many were done when it is told to end.
 */

const [url = '', apiKey = '', pace = 'second'] = process.argv.slice(2);
const CALLS_AT_ONCE = 1500;

const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': apiKey };
const post = createPoster(url, headers, 'item ');
let isEnding = false;
let [sent, done] = [0, 0];
process.on('SIGTERM', () => {
  isEnding = true;
});
process.stdout.write('ready\n');
while (!isEnding) {
  const second = pace === 'second' ? delay(1000) : undefined;
  const answers = await Promise.all(Array.from({ length: CALLS_AT_ONCE }, (_, n) => post(itemCall(n))));
  sent += CALLS_AT_ONCE;
  done += answers.filter(Boolean).length;
  await second;
}
process.stderr.write(`flooder (${pace}): ${sent} calls sent, ${done} done, the others refused\n`);
