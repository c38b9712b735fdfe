import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { checkPrototype, fuzzing, fuzzTimeoutMs, hostileText, survive } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import { parseCallKeys } from './call-keys.ts';
import { createCallCipher, EnvelopeRejected } from './envelope.ts';
import { generateSealingKeyPair, kidOf, openCredential, openSecret, sealSecret } from './secret-sealing.ts';
import { createSigner, createVerifier, generateSigningKeys } from './signed-document.ts';

/*
 * Anybody who can write to Redis chooses what is opened: only what was sealed is opened, everything else is refused in
 * one single way.
 */

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const pieces = ['.', '..', 'k1.', 'A', '=', '-_', encoded({ alg: 'none' }), encoded({ alg: 'HS256', kid: '../../a' })];
const isOurs = (thrown: unknown) => thrown instanceof AppError;

test(
  'sealed envelopes: only what was sealed can be opened (T33, B120, B121)',
  () => {
    const cipher = createCallCipher(parseCallKeys(`k1:${randomBytes(32).toString('base64')}`));
    const binding = { purpose: 'call', party: 'edge', aad: '[]' } as const;
    const sealed = cipher.seal(binding, '{}');
    const open = (text: string) =>
      survive(
        () => cipher.open(binding, text),
        (thrown) => thrown instanceof EnvelopeRejected,
      );
    const bytesOf = (text: string) => Buffer.from(text.slice(text.indexOf('.') + 1), 'base64url');
    fc.assert(
      fc.property(hostileText(pieces, [sealed]), (text) => {
        // Several texts encode the same bytes.
        const isSame = text.startsWith('k1.') && bytesOf(text).equals(bytesOf(sealed));
        expect(open(text)).toBe(isSame ? '{}' : undefined);
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'sealed secrets: any text is opened or refused (T17)',
  async () => {
    const { publicKey, privateJwk } = await generateSealingKeyPair();
    const sealed = await sealSecret(
      { key: publicKey, audience: 'ws/srv/KEY' },
      { value: 'a value', hosts: ['a.test'] },
    );
    const { kid } = publicKey;
    const headers = [
      { alg: 'dir', enc: 'A256GCM', kid },
      { alg: 'PBES2-HS256+A128KW', p2c: 1e9, kid },
      { crit: ['x'], kid },
    ];
    const valid = [sealed, ...headers.map((header) => encoded(header) + sealed.slice(sealed.indexOf('.')))];
    await fc.assert(
      fc.asyncProperty(hostileText(pieces, valid), async (text) => {
        survive(() => kidOf(text), isOurs);
        for (const open of [openSecret, openCredential]) {
          await open([privateJwk], text).catch((thrown: unknown) => {
            if (!isOurs(thrown)) throw thrown;
          });
        }
        checkPrototype();
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'signed documents: only what was signed is accepted (T33)',
  async () => {
    const keys = await generateSigningKeys();
    const signed = await (await createSigner(keys.privateJwk)).sign({ a: 1 });
    const verifier = await createVerifier(keys.publicJwks);
    await fc.assert(
      fc.asyncProperty(hostileText(pieces, [signed]), async (text) => {
        const document = await verifier.verify(text).catch((thrown: unknown) => {
          if (!isOurs(thrown)) throw thrown;
          return undefined;
        });
        expect([undefined, { a: 1 }]).toContainEqual(document);
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'call keys: any text is read or refused, without being quoted (T9)',
  () => {
    const read = (text: string) => parseCallKeys(text);
    fc.assert(
      fc.property(hostileText(['k1:', ',', randomBytes(32).toString('base64'), ' ']), (text) => {
        survive(
          () => read(text),
          (thrown) => isOurs(thrown) && (text.length < 20 || !String(thrown).includes(text)),
        );
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);
