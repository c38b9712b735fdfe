import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createOriginCheck } from './trusted-origin.ts';

const request = (headers: Record<string, string>) => ({ headers, rawHeaders: [] }) as unknown as IncomingMessage;
const local = createOriginCheck({ publicUrl: 'http://127.0.0.1:8081', allowedHosts: [], allowedOrigins: [] });
const hosted = createOriginCheck({
  publicUrl: 'https://mcp.example.com',
  allowedHosts: ['edge.internal'],
  allowedOrigins: ['https://console.example.com'],
});

describe('accepts', () => {
  test.each([
    ['a program on this machine', local, { host: '127.0.0.1:8081' }],
    ['another name of loopback', local, { host: 'localhost:8081', origin: 'http://localhost:5173' }],
    ['the public name', hosted, { host: 'mcp.example.com' }],
    ['a listed host', hosted, { host: 'edge.internal:8081' }],
    ['a listed origin', hosted, { host: 'mcp.example.com', origin: 'https://console.example.com' }],
  ])('%s', (_name, check, headers) => {
    expect(() => check(request(headers))).not.toThrow();
  });
});

describe('refuses', () => {
  test.each([
    ['a foreign origin (T28, B015)', local, { host: '127.0.0.1', origin: 'https://evil.example' }, 'forbidden'],
    ['the opaque origin', local, { host: '127.0.0.1', origin: 'null' }, 'forbidden'],
    ['a rebound name (T28, B016)', local, { host: 'evil.example' }, 'misdirected_request'],
    ['no host at all', local, {}, 'misdirected_request'],
    ['loopback where the public name differs', hosted, { host: 'localhost' }, 'misdirected_request'],
    [
      'a listed origin with another scheme',
      hosted,
      { host: 'mcp.example.com', origin: 'http://console.example.com' },
      'forbidden',
    ],
  ])('%s', (_name, check, headers, code) => {
    expect(() => check(request(headers as Record<string, string>))).toThrow(expect.objectContaining({ code }));
  });
});
