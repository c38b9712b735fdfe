import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { permissionsOfRoles, roles } from '@toolplane/contracts';
import { createBrowser, createMember } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

/*
 * Tries every route as people of each role. The ids that they name do not exist, and the bodies that they send are not
 * valid, so that only the permission decides between 403 and another answer.
 */

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

type Route = TestControlPlane['api']['routes'][number];

const ofKeys = () => plane.api.routes.filter(({ access }) => access !== 'anyone' && access !== 'session');
/** Routes that read the whole organization, for which `audit:read` in one workspace is not enough. */
const BEYOND = new Set(['getAuditHead', 'verifyAuditLog']);

const pathOf = ({ path }: Route) => path.replaceAll(/\{\w+\}/g, 'nowhere');

describe('people may do what the table of roles says for their role (T1)', () => {
  const places = roles.flatMap((role) => [{ organization: role }, { workspace: role }]);
  test.each(places)('%j', async (given) => {
    const [[scope, role] = ['workspace', 'viewer']] = Object.entries(given);
    const email = `${role}-of-${scope}@example.test`;
    const browser = await createMember(plane, { email, role, scope: scope as 'organization' | 'workspace' });
    const allowed: readonly string[] = ['any-key', ...permissionsOfRoles(given)];
    const wrong: unknown[] = [];
    for (const route of ofKeys()) {
      const body = route.body === undefined ? undefined : { notAMember: true };
      const { status } = await browser.send(route.method.toUpperCase(), pathOf(route), body);
      const isServed = status !== 401 && status !== 403;
      const isBeyond = BEYOND.has(route.operationId) && !allowed.includes('workspaces:write');
      if (isServed !== (allowed.includes(route.access) && !isBeyond)) wrong.push([route.operationId, status]);
    }
    expect(wrong).toEqual([]);
  });
});

test('what people do with their own session needs one: 401 without, even with a key', async () => {
  const ofSessions = plane.api.routes.filter(({ access }) => access === 'session');
  expect(ofSessions.length).toBeGreaterThan(5);
  for (const route of ofSessions) {
    const method = route.method.toUpperCase();
    const stranger = await createBrowser(plane).send(method, pathOf(route));
    const withKey = await plane.send(method, pathOf(route));
    expect([route.operationId, stranger.status, withKey.status]).toEqual([route.operationId, 401, 401]);
  }
});
