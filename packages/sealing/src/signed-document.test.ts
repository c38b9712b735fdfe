import { describe, expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { CompactSign } from 'jose';
import { createSigner, createVerifier, generateSigningKeys } from './signed-document.ts';

const keys = await generateSigningKeys();
const signer = await createSigner(keys.privateJwk);
const verifier = await createVerifier(keys.publicJwks);
const document = { serverId: 's', title: 'Größe', tools: [{ name: 'a' }] };

test('a signed document can be verified and read', async () => {
  expect(await verifier.verify(await signer.sign(document))).toEqual(document);
});

describe('a document is refused', () => {
  const rejected = (signed: string) =>
    expect(verifier.verify(signed)).rejects.toMatchObject({ name: 'AppError', code: 'internal' });

  test('when it was changed', async () => {
    const [header, , signature] = (await signer.sign(document)).split('.');
    const payload = Buffer.from(JSON.stringify({ ...document, serverId: 't' })).toString('base64url');
    await rejected(`${header}.${payload}.${signature}`);
  });

  test('when another key signed it, even under the same kid', async () => {
    const { kid } = JSON.parse(keys.privateJwk);
    const other = JSON.parse((await generateSigningKeys()).privateJwk);
    const stranger = await createSigner(JSON.stringify({ ...other, kid }));
    await rejected(await stranger.sign(document));
  });

  test('when it is not signed', async () => {
    const payload = Buffer.from(JSON.stringify(document)).toString('base64url');
    await rejected(`${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`);
  });

  test('when its algorithm uses the public key as a shared secret', async () => {
    const [publicJwk] = JSON.parse(keys.publicJwks).keys;
    const secret = new TextEncoder().encode(publicJwk.x);
    const signed = await new CompactSign(new TextEncoder().encode(JSON.stringify(document)))
      .setProtectedHeader({ alg: 'HS256', kid: publicJwk.kid })
      .sign(secret);
    await rejected(signed);
  });

  test.each(['', 'a', 'a.b', 'a.b.c', 'null'])('when it is %j', (text) => rejected(text));
});

test('keys are rotated without interruption: a reader that knows both accepts both', async () => {
  const next = await generateSigningKeys();
  const both = await createVerifier(
    JSON.stringify({ keys: [...JSON.parse(keys.publicJwks).keys, ...JSON.parse(next.publicJwks).keys] }),
  );
  expect(await both.verify(await signer.sign(document))).toEqual(document);
  expect(await both.verify(await (await createSigner(next.privateJwk)).sign(document))).toEqual(document);
});

describe('a key is refused, without being quoted,', () => {
  const { d } = JSON.parse(keys.privateJwk);
  test.each([
    ['that is not JSON', `{"d":"${d}"`],
    ['that is null', 'null'],
    ['of another type', JSON.stringify({ kty: 'oct', k: d, kid: 'x' })],
    ['without kid', JSON.stringify({ ...JSON.parse(keys.privateJwk), kid: undefined })],
    ['that is only the public half', JSON.stringify(JSON.parse(keys.publicJwks).keys[0])],
    ['with a broken value', JSON.stringify({ ...JSON.parse(keys.privateJwk), x: 'AAAA', d: `${d}${d}` })],
  ])('%s', async (_name, text) => {
    const error = await createSigner(text).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    expect(`${error} ${(error as Error).cause}`).not.toContain(d);
  });

  test.each([
    ['an empty set', '{"keys":[]}'],
    ['no set', '{}'],
    ['null', 'null'],
    ['invalid JSON', '{'],
  ])('as verification keys: %s', async (_name, text) => {
    await expect(createVerifier(text)).rejects.toBeInstanceOf(AppError);
  });

  test('the public set holds no private half', () => {
    expect(keys.publicJwks).not.toContain(d);
  });
});
