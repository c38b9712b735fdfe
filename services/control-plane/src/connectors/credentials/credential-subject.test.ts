import { describe, expect, test } from '@jest/globals';
import type { Principal } from '../../platform/principals/principal.ts';
import type { Instance } from '../instances/connector-instances.ts';
import { readUser, refuseWriting, toCredentialRef } from './credential-subject.ts';

const principal: Principal = {
  organizationId: 'org_1',
  workspaceId: 'ws_1',
  actor: { kind: 'key', keyId: 'k' },
  parties: ['key:k'],
  permissions: [],
  mayAssertUser: true,
};
const owner: Principal = { ...principal, permissions: ['connectors:write'] };
const own = { id: 'coi_1', organizationId: 'org_1', workspaceId: 'ws_1', homeWorkspaceId: 'ws_1' } as Instance;
const shared = { ...own, workspaceId: null } as Instance;
const sharedElsewhere = { ...shared, homeWorkspaceId: 'ws_2' } as Instance;

describe('whose credentials they are', () => {
  test('those of a workspace belong to the workspace of the caller', () => {
    const ref = { ownerId: 'ws_1', instanceId: 'coi_1', scope: 'workspace', subject: 'ws_1' };
    expect(toCredentialRef(principal, own, { scope: 'workspace' })).toEqual(ref);
    expect(toCredentialRef(principal, own, { scope: 'workspace', subject: 'ws_1' })).toEqual(ref);
    expect(() => toCredentialRef(principal, own, { scope: 'workspace', subject: 'ws_2' })).toThrow('not valid');
  });

  test('an instance of the organization is owned by it', () => {
    expect(toCredentialRef(principal, shared, { scope: 'organization' })).toEqual({
      ownerId: 'org_1',
      instanceId: 'coi_1',
      scope: 'organization',
    });
  });

  test('a user of another workspace than the home of the instance is never one of the home', () => {
    const whose = { scope: 'user', subject: 'ada' } as const;
    const away = toCredentialRef(principal, sharedElsewhere, whose);
    expect(away).toMatchObject({ ownerId: 'org_1', scope: 'user', subject: 'ws_1/ada' });
    expect(toCredentialRef(principal, shared, whose)).toMatchObject({ subject: 'ada' });
    const tenant = { organizationId: 'org_1', workspaceId: 'ws_1' };
    expect(readUser(sharedElsewhere, away.subject ?? '')).toEqual({ username: 'ada', tenant });
    expect(readUser(sharedElsewhere, 'ada')).toMatchObject({ username: 'ada', tenant: { workspaceId: 'ws_2' } });
  });

  test('an organization has no subject, a user and an agent need one', () => {
    expect(() => toCredentialRef(principal, own, { scope: 'organization', subject: 'org_1' })).toThrow('not valid');
    for (const scope of ['user', 'agent'] as const) {
      expect(() => toCredentialRef(principal, own, { scope })).toThrow('not valid');
      expect(toCredentialRef(principal, own, { scope, subject: 'ada' })).toMatchObject({ scope, subject: 'ada' });
    }
  });
});

describe('who may write them', () => {
  test('everybody may write those of their own workspace, its users and its agents', () => {
    for (const scope of ['workspace', 'user', 'agent'] as const) refuseWriting(principal, own, scope);
    for (const scope of ['workspace', 'user', 'agent'] as const) refuseWriting(principal, shared, scope);
    for (const scope of ['workspace', 'user'] as const) refuseWriting(principal, sharedElsewhere, scope);
  });

  test('nobody without the permission of the organization may write those that others use', () => {
    const foreign = [
      [own, 'organization'],
      [shared, 'organization'],
      [sharedElsewhere, 'agent'],
    ] as const;
    for (const [instance, scope] of foreign) {
      expect(() => refuseWriting(principal, instance, scope)).toThrow('connectors:write');
      refuseWriting(owner, instance, scope);
    }
  });
});
