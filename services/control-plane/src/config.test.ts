import { expect, test } from '@jest/globals';
import { readControlPlaneConfig } from './config.ts';

const complete = {
  DATABASE_URL: 'postgres://127.0.0.1/toolplane',
  REDIS_URL: 'redis://127.0.0.1:6379',
  COMMAND_KEYS: 'a:b',
  MANIFEST_SIGNING_KEY: '{}',
  API_KEY_PEPPER: 'new,old',
  EDGE_PUBLIC_URL: 'https://mcp.example.test/',
};

test('several peppers are one setting', () => {
  expect(readControlPlaneConfig(complete).API_KEY_PEPPER.reveal()).toBe('new,old');
});

test('an empty pepper among others fails the start, not every request after it', () => {
  const setting = { API_KEY_PEPPER: 'canary,' };
  expect(() => readControlPlaneConfig({ ...complete, ...setting })).toThrow(/API_KEY_PEPPER: is one pepper/);
  expect(() => readControlPlaneConfig({ ...complete, ...setting })).not.toThrow('canary');
});
