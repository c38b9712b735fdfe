import { describe, expect, test } from '@jest/globals';
import { permissions } from './manifest.ts';
import { permissionsOfRoles, reaches, roles } from './roles.ts';

describe('roles', () => {
  test('each grants everything that the one before it grants, and more', () => {
    const counts = roles.map((organization) => permissionsOfRoles({ organization }).length);
    expect(counts).toEqual([2, 6, 13, 14]);
    expect(new Set(counts).size).toBe(roles.length);
  });

  test('no role may create organizations, and an owner may do everything else', () => {
    const others = permissions.filter((permission) => permission !== 'organizations:write');
    expect(permissionsOfRoles({ organization: 'owner' }).toSorted()).toEqual(others.toSorted());
  });

  test('a role in a workspace grants nothing beyond that workspace', () => {
    const given = permissionsOfRoles({ workspace: 'owner' });
    for (const beyond of ['connectors:write', 'workspaces:write', 'organization:write', 'organizations:write']) {
      expect(given).not.toContain(beyond);
    }
    expect(given).toContain('members:write');
  });

  test('of two roles the higher one counts', () => {
    const given = permissionsOfRoles({ organization: 'viewer', workspace: 'admin' });
    expect(given).toEqual(expect.arrayContaining(['tools:call', 'agents:write', 'members:write']));
    expect(permissionsOfRoles({ organization: 'admin', workspace: 'viewer' })).toContain('workspaces:write');
    expect(permissionsOfRoles({})).toEqual([]);
  });

  test('nobody can act on a role above their own', () => {
    expect(reaches('admin', 'owner')).toBe(false);
    expect(reaches('admin', 'admin')).toBe(true);
    expect(reaches(undefined, 'viewer')).toBe(false);
  });
});
