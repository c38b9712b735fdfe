import { setTimeout as delay } from 'node:timers/promises';
import { itemCall } from '../item-tool.ts';
import { createRawPoster } from '../raw-poster.ts';

/*
 * An organization that sends 1,500 calls at once from all of its workspaces, again and again: each second, or
 * (`always`) as soon as all have been answered. It uses little CPU itself, and when it is stopped it prints how many
 * calls were sent and how many were done.
 */

const [targets = '[]', pace = 'second'] = process.argv.slice(2);
const CALLS_AT_ONCE = 1500;

const posts = (JSON.parse(targets) as { url: string; apiKey: string }[]).map(({ url, apiKey }) => {
  const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': apiKey };
  return createRawPoster(url, headers, (body) => body.includes('item '));
});
const post = (n: number) => posts[n % posts.length]?.(itemCall(n));
let isEnding = false;
let [sent, done] = [0, 0];
process.on('SIGTERM', () => {
  isEnding = true;
});
// The sockets of the poster alone do not keep the process alive.
const staying = setInterval(() => undefined, 1000);
process.stdout.write('ready\n');
while (!isEnding) {
  const second = pace === 'second' ? delay(1000) : undefined;
  const answers = await Promise.all(Array.from({ length: CALLS_AT_ONCE }, (_, n) => post(n)));
  sent += CALLS_AT_ONCE;
  done += answers.filter(Boolean).length;
  await second;
}
clearInterval(staying);
process.stderr.write(`flooder (${pace}): ${sent} calls sent, ${done} done, the others refused\n`);
