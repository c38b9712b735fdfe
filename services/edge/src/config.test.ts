import { expect, test } from '@jest/globals';
import { readEdgeConfig } from './config.ts';

const complete = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  CALL_KEYS: 'a:b',
  SESSION_KEYS: 'a:b',
  MANIFEST_VERIFY_KEYS: '{}',
  API_KEY_PEPPER: 'new,old',
  EDGE_PUBLIC_URL: 'https://mcp.example.test/',
};

test('one setting can hold several peppers', () => {
  expect(readEdgeConfig(complete).API_KEY_PEPPER.reveal()).toBe('new,old');
});

test('an empty pepper among others fails the start instead of every later request', () => {
  const setting = { API_KEY_PEPPER: 'canary,' };
  expect(() => readEdgeConfig({ ...complete, ...setting })).toThrow(/API_KEY_PEPPER: is one pepper/);
  expect(() => readEdgeConfig({ ...complete, ...setting })).not.toThrow('canary');
});
