import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBrowser, createMember, PASSWORD } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

/* How many concurrent sign-ins and wrong sessions affect other requests. */

let plane: TestControlPlane;

beforeAll(async () => {
  plane = await startTestControlPlane({ trustedProxies: ['127.0.0.0/8'] });
});
afterAll(() => plane?.close());

const at = (address: string) => ({ 'x-forwarded-for': address });

test('a burst of 300 sign-ins from many addresses holds up nobody else, and whoever cannot wait is told when to come back (T56)', async () => {
  let checked = 0;
  const burst = Array.from({ length: 300 }, async (_, index) => {
    const credentials = { email: `nobody-${index}@example.test`, password: PASSWORD };
    const address = at(`10.0.${index % 250}.${Math.floor(index / 250)}`);
    const answer = await createBrowser(plane).send('POST', '/api/v1/sign-in', credentials, address);
    if (answer.status === 401) checked += 1;
    return answer;
  });
  // Refused sign-ins do not touch the database.
  await Promise.any(burst.map(async (each) => ((await each).status === 429 ? undefined : Promise.reject(new Error()))));
  expect((await plane.send('GET', '/api/v1/workspaces')).status).toBe(200);
  const checkedBefore = checked;
  const answers = await Promise.all(burst);
  const refused = answers.filter(({ status }) => status === 429);
  expect(checkedBefore).toBeLessThan(50);
  expect(refused.length).toBeGreaterThan(100);
  expect(checked + refused.length).toBe(300);
  expect(new Set(refused.map(({ headers }) => headers.get('retry-after')))).toEqual(new Set(['1']));
}, 120_000);

test('an address that floods takes no place of those who wait to sign in (T56)', async () => {
  const credentials = { email: 'nobody@example.test', password: PASSWORD };
  const flood = Array.from({ length: 200 }, () =>
    createBrowser(plane).send('POST', '/api/v1/sign-in', credentials, at('10.9.0.1')),
  );
  const other = await createBrowser(plane).send('POST', '/api/v1/sign-in', credentials, at('10.9.1.1'));
  expect(other.status).toBe(401);
  await Promise.all(flood);
});

test('wrong session cookies are limited for their address, and right ones are not (T56)', async () => {
  const person = await createMember(plane, { email: 'ann@example.test', role: 'viewer' });
  const session = (cookie: string | undefined, address: string) => {
    const browser = createBrowser(plane);
    browser.cookie = cookie;
    return browser.send('GET', '/api/v1/session', undefined, at(address)).then(({ status }) => status);
  };
  expect(await session(person.cookie, '10.8.0.1')).toBe(200);
  const wrong = (index: number) => session(index.toString().padStart(43, 'A'), '10.8.0.1');
  const statuses = await Promise.all(Array.from({ length: 300 }, (_, index) => wrong(index)));
  // A few more are checked for each second that the burst takes.
  expect(statuses.filter((status) => status === 401).length).toBeLessThan(200);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(100);
  expect(await session(person.cookie, '10.8.0.1')).toBe(200);
  expect(await session('B'.repeat(43), '10.8.1.1')).toBe(401);
});
