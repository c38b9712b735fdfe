import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { ticketDescriptor } from './ticket-descriptor.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const path = '/api/v1/connectors';
const register = (descriptor: string) => plane.send('POST', path, { descriptor });
const get = (rest: string) => plane.send('GET', `${path}${rest}`);

describe('deprecating', () => {
  const slug = 'deprecated';
  const deprecate = (version: string, message?: string) =>
    plane.send('POST', `${path}/${slug}/deprecate`, { version, message });
  beforeAll(async () => {
    for (const version of ['1.0.0', '1.1.0', '2.0.0']) await register(ticketDescriptor({ slug, version }));
  });

  test('the highest version that is left becomes the active one', async () => {
    expect((await deprecate('1.1.0')).status).toBe(200);
    expect((await get(`/${slug}`)).body.data.active_version).toBe('2.0.0');
    const { status, body } = await deprecate('2.0.0', 'Loses tickets');
    expect([status, body.data]).toMatchObject([
      200,
      { version: '2.0.0', is_active: false, deprecated_at: expect.any(String), deprecation_message: 'Loses tickets' },
    ]);
    expect((await get(`/${slug}`)).body.data).toMatchObject({ active_version: '1.0.0', version: '1.0.0' });
  });

  test('doing it again keeps the time', async () => {
    const { deprecated_at } = (await get(`/${slug}/versions/2.0.0`)).body.data;
    expect((await deprecate('2.0.0', 'Still')).body.data).toMatchObject({
      deprecated_at,
      deprecation_message: 'Still',
    });
  });

  test('the same content again says that it is deprecated', async () => {
    const { status, body } = await register(ticketDescriptor({ slug, version: '2.0.0' }));
    expect([status, body.message]).toEqual([200, expect.stringContaining('deprecated')]);
  });

  test('when none is left, the highest is shown and none is active', async () => {
    await deprecate('1.0.0');
    expect((await get(`/${slug}`)).body.data).toMatchObject({ active_version: null, version: '2.0.0' });
    expect((await get(`?q=${slug}`)).body.data).toMatchObject([{ slug, active_version: null, version: '2.0.0' }]);
  });

  test('a new version is active again', async () => {
    await register(ticketDescriptor({ slug, version: '2.0.1' }));
    expect((await get(`/${slug}`)).body.data.active_version).toBe('2.0.1');
  });

  test('404 for a version that does not exist', async () => {
    expect((await deprecate('7.0.0')).status).toBe(404);
  });
});
