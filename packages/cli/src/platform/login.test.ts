import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readLogin, removeLogin, saveLogin, toOrigin } from './login.ts';

const saved = { api: 'https://saved.example', key: 'of-saved' };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'toolplane-login-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const environment = (more: Record<string, string> = {}) => ({ XDG_CONFIG_HOME: folder, ...more });

describe('the login', () => {
  test('is what was saved, until it is removed', () => {
    saveLogin(environment(), saved);
    expect(readLogin(environment())).toEqual(saved);
    removeLogin(environment());
    removeLogin(environment());
    expect(() => readLogin(environment())).toThrow('Not logged in');
  });

  test('is that of the environment before what was saved', () => {
    saveLogin(environment(), saved);
    const own = { TOOLPLANE_API: 'https://own.example/', TOOLPLANE_API_KEY: 'of-own' };
    expect(readLogin(environment(own))).toEqual({ api: 'https://own.example', key: 'of-own' });
    expect(readLogin(environment({ TOOLPLANE_API_KEY: 'other' }))).toEqual({ ...saved, key: 'other' });
  });

  test('never sends a saved key to another platform', () => {
    saveLogin(environment(), saved);
    expect(() => readLogin(environment({ TOOLPLANE_API: 'https://other.example' }))).toThrow('There is no key for');
    expect(readLogin(environment({ TOOLPLANE_API: 'https://saved.example/console/' }))).toEqual(saved);
  });

  test('that cannot be read is no login', () => {
    const path = saveLogin(environment(), saved);
    writeFileSync(path, '{"api": 1}');
    expect(() => readLogin(environment())).toThrow(`${path} cannot be read`);
  });
});

describe('the URL of a platform', () => {
  test.each([
    'https://a.example',
    'https://a.example/console/ws_1/servers',
    'http://127.0.0.1:8080',
    'http://[::1]:80',
  ])('%s', (url) => expect(toOrigin(url)).toBe(new URL(url).origin));

  test.each(['http://a.example', 'http://127.0.0.1.a.example', 'ftp://a.example', 'a.example', ''])(
    'is none that anybody on the way could read, or none at all: %j',
    (url) => expect(() => toOrigin(url)).toThrow(/Use https|begins with https/),
  );
});
