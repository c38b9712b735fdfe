import { randomBytes } from 'node:crypto';
import { test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { fuzzing, fuzzTimeoutMs, hostileText, isConfigError, survive } from '@toolplane/loopback/fuzzing';
import { createCallCipher, parseCallKeys } from '@toolplane/sealing';
import fc from 'fast-check';
import { readCaller } from './callers/read-caller.ts';
import { readUsername } from './callers/read-username.ts';
import type { McpRequest } from './calls/mcp-request.ts';
import { readEdgeConfig } from './config.ts';
import { compileUriTemplate } from './manifests/uri-template.ts';
import { toPlainRequest } from './mcp/plain-request.ts';
import { readMessage } from './mcp/read-message.ts';
import { continueSession } from './meta-tools/smart-session.ts';
import { McpError } from './protocol/mcp-error.ts';
import { createSessionId, readSessionId } from './sessions/session-id.ts';
import { parseMessage } from './transports/parse-message.ts';

const isOurs = (thrown: unknown) => thrown instanceof AppError || thrown instanceof McpError;

const message = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const valid = [
  message('tools/call', { name: 'echo', arguments: { text: 'a', n: 1.5 } }),
  message('tools/list', { _meta: meta }),
  message('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } }),
  `[${message('ping', {})}]`,
];
const pieces = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '1e400',
  '-0',
  '"__proto__":',
  '\\ud800',
  'null',
  '"id":',
  '"method":',
];
const headers = fc.dictionary(
  fc.constantFrom(
    'mcp-protocol-version',
    'mcp-method',
    'mcp-name',
    'accept',
    'idempotency-key',
    'mcp-session-id',
    '__proto__',
  ),
  fc.oneof(fc.constantFrom('2026-07-28', '2025-06-18', 'tools/call', 'tools/list', 'echo'), fc.string()),
);

test(
  'messages: any body is either read or refused (B001, B002, B006, B012)',
  () => {
    fc.assert(
      fc.property(hostileText(pieces, valid), headers, (body, sent) => {
        const parsed = survive(() => parseMessage(body), isOurs);
        survive(
          () => toPlainRequest(parsed, sent),
          () => false,
        );
        survive(() => readMessage(parsed, sent), isOurs);
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'headers about the caller: any value is either read or refused (T31, B036)',
  () => {
    const principal = { kind: 'api-key', keyId: 'key_1', workspaceId: 'ws_1', permissions: [] } as const;
    const name = fc.constantFrom('x-username', 'x-upstream-authorization', 'config-a', 'config-__proto__', 'config-');
    const server = { manifest: { serverId: 'srv_1' } };
    const text = hostileText(['ada', '@', ',', '\r\n', '../', 'é', '\u200d', 'Bearer ']);
    fc.assert(
      fc.property(fc.dictionary(name, text), fc.boolean(), (sent, usesConnection) => {
        survive(() => readUsername(sent, principal), isOurs);
        survive(() => readCaller({ headers: sent, principal, server }, { usesConnection }), isOurs);
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'session ids: any text that is not an id is rejected (T27, B018)',
  () => {
    const cipher = createCallCipher(parseCallKeys(`k1:${randomBytes(32).toString('base64')}`));
    const owner = { serverId: 'srv_1', principalId: 'key_1' };
    const foreign = { serverId: 'srv_2', principalId: 'key_1' };
    const abilities = new Set<never>();
    const id = createSessionId(cipher, foreign, {
      protocolVersion: '2025-06-18',
      abilities,
      transport: 'http',
    } as never);
    fc.assert(
      fc.property(hostileText(['.', 'k1.', 'A', '-', '\r\n'], [id]), (text) => {
        const session = survive(() => readSessionId(cipher, owner, text), isOurs);
        if (session !== undefined) throw new Error('a session of another server was taken');
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'sessions of mode SMART: any text that is not an id for this server, key and user is rejected (T31)',
  () => {
    const edge = { cipher: createCallCipher(parseCallKeys(`k1:${randomBytes(32).toString('base64')}`)) };
    const requestOf = (serverId: string) => {
      const principal = { kind: 'api-key', keyId: 'key_1', workspaceId: 'ws_1', permissions: [] };
      return { server: { manifest: { serverId } }, principal, headers: {} } as unknown as McpRequest;
    };
    const id = continueSession(edge, requestOf('srv_2'), undefined);
    fc.assert(
      fc.property(hostileText(['.', 'k1.', 'A', '-', '\r\n'], [id]), (text) => {
        const taken = survive(() => continueSession(edge, requestOf('srv_1'), text), isOurs);
        if (taken !== undefined) throw new Error('a session of another server was taken');
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'resource URIs: any text either fits a template or does not (T17)',
  () => {
    const text = hostileText(['a://b/', '{x}', '/', '%2f', '%', '?', '#', 'c']);
    fc.assert(
      fc.property(
        fc.constantFrom('a://b/{x}', 'a://{x}/c/{y}', 'a://b/{__proto__}', 'a://b'),
        text,
        (template, uri) => {
          survive(
            () => compileUriTemplate(template)(uri),
            () => false,
          );
        },
      ),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'the environment: any values are either accepted or refused, without being quoted (T9)',
  () => {
    const names = [
      'PORT',
      'REDIS_URL',
      'CALL_KEYS',
      'EDGE_PUBLIC_URL',
      'ALLOWED_ORIGINS',
      'STREAMS_MAX',
      'DRAIN_MS',
      '__proto__',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.string({ unit: 'binary' })), (environment) => {
        survive(
          () => readEdgeConfig(environment),
          (thrown) => isConfigError(thrown, environment),
        );
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);
