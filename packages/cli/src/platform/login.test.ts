import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { listProfiles, readLogin, removeLogin, saveLogin, toOrigin } from './login.ts';

const saved = { api: 'https://saved.example', key: 'of-saved' };
const staging = { api: 'https://staging.example', key: 'of-staging' };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'toolplane-login-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const environment = (more: Record<string, string> = {}) => ({ XDG_CONFIG_HOME: folder, ...more });

describe('the login', () => {
  test('is the saved one, until it is removed', () => {
    saveLogin(environment(), { ...saved, profile: 'default' });
    expect(readLogin(environment())).toEqual({ ...saved, profile: 'default' });
    removeLogin(environment(), 'default');
    removeLogin(environment(), 'default');
    expect(() => readLogin(environment())).toThrow('Not logged in');
  });

  test('is that of the environment rather than the saved one', () => {
    saveLogin(environment(), { ...saved, profile: 'default' });
    const own = { TOOLPLANE_API: 'https://own.example/', TOOLPLANE_API_KEY: 'of-own' };
    expect(readLogin(environment(own))).toEqual({ api: 'https://own.example', key: 'of-own' });
    expect(readLogin(environment({ TOOLPLANE_API_KEY: 'other' }))).toEqual({ ...saved, key: 'other' });
  });

  test('never sends a saved key to another platform', () => {
    saveLogin(environment(), { ...saved, profile: 'default' });
    expect(() => readLogin(environment({ TOOLPLANE_API: 'https://other.example' }))).toThrow('There is no key for');
    expect(readLogin(environment({ TOOLPLANE_API: 'https://saved.example/console/' }))).toMatchObject(saved);
  });

  test('that cannot be read counts as no login', () => {
    const path = saveLogin(environment(), { ...saved, profile: 'default' });
    writeFileSync(path, '{"api": 1}');
    expect(() => readLogin(environment())).toThrow(`${path} cannot be read`);
  });
});

describe('profiles', () => {
  beforeEach(() => {
    // As a version without profiles would have saved it.
    saveLogin(environment(), { ...saved, profile: 'default' });
    saveLogin(environment(), { ...staging, profile: 'staging' });
  });

  test('are logins beside the default one, each in a file that only its owner can read', () => {
    expect(existsSync(join(folder, 'toolplane', 'login.json'))).toBe(true);
    expect(statSync(join(folder, 'toolplane', 'profiles', 'staging.json')).mode & 0o777).toBe(0o600);
    expect(readLogin(environment())).toMatchObject(saved);
    expect(readLogin(environment({ TOOLPLANE_PROFILE: 'staging' }))).toMatchObject(staging);
    expect(listProfiles(environment()).map(({ profile }) => profile)).toEqual(['default', 'staging']);
  });

  test('a profile given by name overrides the environment, whose key and platform override its profile', () => {
    const own = { TOOLPLANE_API: 'https://own.example', TOOLPLANE_API_KEY: 'of-own', TOOLPLANE_PROFILE: 'staging' };
    expect(readLogin(environment(own), 'default')).toMatchObject(saved);
    expect(readLogin(environment(own))).toMatchObject({ key: 'of-own' });
    expect(readLogin(environment({ TOOLPLANE_PROFILE: 'staging', TOOLPLANE_API_KEY: 'of-own' }))).toEqual({
      api: staging.api,
      key: 'of-own',
    });
  });

  test('a missing profile is named in the error, and an unreadable one hides no other', () => {
    expect(() => readLogin(environment(), 'production')).toThrow('There is no profile "production"');
    writeFileSync(join(folder, 'toolplane', 'login.json'), '{');
    expect(listProfiles(environment())).toEqual([{ ...staging, profile: 'staging' }]);
  });

  test.each(['../login', '.', '', 'a/b', 'a b'])('no profile name leads to another file: %j', (name) => {
    expect(() => saveLogin(environment(), { ...saved, profile: name })).toThrow('is not a profile name');
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
    'is refused if it is not encrypted or not a URL: %j',
    (url) => expect(() => toOrigin(url)).toThrow(/Use https|must begin with https/),
  );
});
