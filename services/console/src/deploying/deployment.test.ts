import { describe, expect, test } from '@jest/globals';
import type { Deployment } from '@toolplane/api-client';
import { toReasons } from './deployment.ts';

const deployment: Deployment = { id: 'dep_1', serverId: 'srv_1', state: 'errored', error: null, createdAt: '' };

describe('why a deployment is errored', () => {
  test('is given in the words of the API, with the details where it has some', () => {
    const error = { code: 'config_unavailable', message: 'The change cannot be published now' };
    expect(toReasons({ ...deployment, error })[0]).toBe('The change cannot be published now.');
    const details = [{ path: 'definition#/flows/0', message: 'is too deep' }];
    expect(toReasons({ ...deployment, error: { ...error, details } })[0]).toBe('definition#/flows/0 is too deep.');
  });

  test('is not given for one that runs again, nor invented where it is not known', () => {
    expect(toReasons({ ...deployment, state: 'active' })).toEqual([]);
    expect(toReasons(deployment)).toEqual(['The previous deployment kept running.']);
  });
});
