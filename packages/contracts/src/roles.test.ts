import { describe, expect, test } from '@jest/globals';
import { permissions } from './manifest.ts';
import { permissionsOfRoles, reaches, roles } from './roles.ts';

describe('roles', () => {
  test('each may do what those before it may, and more', () => {
    const counts = roles.map((organization) => permissionsOfRoles({ organization }).length);
    expect(counts).toEqual([2, 6, 13, 14]);
    expect(new Set(counts).size).toBe(roles.length);
  });

  test('no role makes organizations, and all else is an owner’s', () => {
    const others = permissions.filter((permission) => permission !== 'organizations:write');
    expect(permissionsOfRoles({ organization: 'owner' }).toSorted()).toEqual(others.toSorted());
  });

  test('a role in a workspace gives nothing that reaches beyond it', () => {
    const given = permissionsOfRoles({ workspace: 'owner' });
    for (const beyond of ['connectors:write', 'workspaces:write', 'organization:write', 'organizations:write']) {
      expect(given).not.toContain(beyond);
    }
    expect(given).toContain('members:write');
  });

  test('of two roles the greater counts', () => {
    const given = permissionsOfRoles({ organization: 'viewer', workspace: 'admin' });
    expect(given).toEqual(expect.arrayContaining(['tools:call', 'agents:write', 'members:write']));
    expect(permissionsOfRoles({ organization: 'admin', workspace: 'viewer' })).toContain('workspaces:write');
    expect(permissionsOfRoles({})).toEqual([]);
  });

  test('nobody reaches above themselves', () => {
    expect(reaches('admin', 'owner')).toBe(false);
    expect(reaches('admin', 'admin')).toBe(true);
    expect(reaches(undefined, 'viewer')).toBe(false);
  });
});
