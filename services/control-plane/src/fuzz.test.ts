import { expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { fuzzing, fuzzTimeoutMs, hostileText, isConfigError, survive } from '@toolplane/loopback/fuzzing';
import { generateSealingKeyPair, sealSecret } from '@toolplane/sealing';
import fc from 'fast-check';
import { readControlPlaneConfig } from './config.ts';
import { createCursors } from './platform/cursor.ts';
import { checkSealed } from './platform/sealed.ts';

const isOurs = (thrown: unknown) => thrown instanceof AppError;
const pieces = ['.', 'e30', 'A', '=', '%', '-_', Buffer.from('{"page":1e9}').toString('base64url')];

test(
  'cursors: any text except an issued cursor is refused (T36, B125)',
  () => {
    const cursors = createCursors('pepper');
    const given = cursors.seal({ value: 'a', id: 'srv_a', page: 2 }, 'ws_1');
    fc.assert(
      fc.property(hostileText(pieces, [given]), (text) => {
        const opened = survive(() => cursors.open(text, 'ws_1'), isOurs);
        if (opened !== undefined) expect(opened).toEqual({ value: 'a', id: 'srv_a', page: 2 });
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'sealed values: any text looks like one or is refused (T17)',
  async () => {
    const { publicKey } = await generateSealingKeyPair();
    const sealed = await sealSecret(
      { key: publicKey, audience: 'ws/srv/KEY' },
      { value: 'a value', hosts: ['a.test'] },
    );
    fc.assert(
      fc.property(hostileText(pieces, [sealed]), (text) => void survive(() => checkSealed(text, 'ws/srv/KEY'), isOurs)),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'the environment: any values are accepted or refused, without being quoted (T9)',
  () => {
    const names = [
      'PORT',
      'DATABASE_URL',
      'BOOTSTRAP_API_KEY',
      'EDGE_PUBLIC_URL',
      'CONTROL_PLANE_PUBLIC_URL',
      '__proto__',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.string({ unit: 'binary' })), (environment) => {
        survive(
          () => readControlPlaneConfig(environment),
          (thrown) => isConfigError(thrown, environment),
        );
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);
