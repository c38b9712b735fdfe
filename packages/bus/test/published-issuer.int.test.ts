import { expect, test } from '@jest/globals';
import type { Issuer } from '@toolplane/contracts';
import { openPublication } from './open-publication.ts';
import { until } from './until.ts';

/* The platform's own authorization server, as edges know it. */

const issuerKeyOf = (kid: string): Issuer['jwks']['keys'][number] => ({
  kty: 'EC',
  crv: 'P-256',
  alg: 'ES256',
  use: 'sig',
  kid,
  x: 'x'.repeat(43),
  y: 'y'.repeat(43),
});

const issuerOf = (revision: number, keys: Issuer['jwks']['keys']): Issuer => ({
  version: 1,
  kind: 'issuer',
  revision,
  issuer: 'https://tp.test/oauth',
  jwks: { keys },
});

test("the platform's authorization server is read, at once when it changes, and gone when it is removed", async () => {
  await using publication = await openPublication();
  const { publisher, snapshot } = publication;
  const issuer = issuerOf(1, [issuerKeyOf('k1')]);
  await publisher.publishIssuer(issuer);
  expect(await snapshot.getIssuer()).toEqual(issuer);
  // The announcement may arrive after the first read.
  await until(async () => (await snapshot.getIssuer()) === snapshot.peekIssuer());
  await publisher.publishIssuer(issuerOf(2, [issuerKeyOf('k1'), issuerKeyOf('k2')]));
  await until(async () => (await snapshot.getIssuer())?.jwks.keys.length === 2);
  await publisher.markComplete();
  await publisher.removeIssuer();
  await until(async () => (await snapshot.getIssuer()) === undefined);
});

test('readers refuse a private part in what is published about the authorization server', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot } = publication;
  const withPrivatePart = { ...issuerKeyOf('k1'), d: 'private' };
  await publisher.publishIssuer(issuerOf(1, [withPrivatePart]));
  await expect(snapshot.getIssuer()).rejects.toMatchObject({ code: 'config_unavailable' });
});
