import type { IncomingMessage } from 'node:http';
import { type Api, addOpenRoute, succeed, succeedWithoutBody, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import { displayNameSchema, idSchema, timestampSchema } from '../../platform/request-schemas.ts';
import { signedInSchema } from '../sign-in/session-schemas.ts';
import type { Sessions } from '../sign-in/sessions.ts';
import type { SecondFactors } from './second-factors.ts';

const codeSchema = z.string().regex(/^\d{6}$/, 'must be six digits');
const recoveryCodesSchema = z
  .array(z.string())
  .optional()
  .meta({ description: 'Shown only now, with the first factor. Each replaces a second factor once' });
/** The response of the browser's WebAuthn API, unchanged. Its content is validated where it is read. */
const webAuthnSchema = z.looseObject({ id: z.string().max(2000) });

const factorsSchema = z
  .object({
    factors: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(['totp', 'passkey']),
        name: z.string(),
        createdAt: timestampSchema,
        lastUsedAt: timestampSchema.nullable(),
      }),
    ),
    recoveryCodesLeft: z.int(),
  })
  .meta({ id: 'SecondFactors' });
const confirmedSchema = z.object({ recoveryCodes: recoveryCodesSchema });

const PATH = '/api/v1/session/second-factors';

type Domains = { secondFactors: SecondFactors; sessions: Sessions };

/** Adds the routes that set up second factors and verify them. */
export function addSecondFactorRoutes(api: Api<Principal>, { secondFactors, sessions }: Domains): void {
  const own = {
    tag: 'Sign-in',
    access: 'session',
    admit: (req: IncomingMessage) => sessions.admit(req),
  } as const;
  const half = {
    tag: 'Sign-in',
    access: 'session',
    admit: async (req: IncomingMessage) => ({ session: await sessions.admitHalf(req), origin: sessions.originOf(req) }),
  } as const;

  addOpenRoute(api, {
    ...half,
    method: 'post',
    path: '/api/v1/sign-in/second-factor',
    operationId: 'giveSecondFactor',
    summary: 'Give the second factor',
    description: 'One of a code, a recovery code or the answer of a passkey. Sets a new session cookie.',
    body: z.strictObject({
      code: codeSchema.optional(),
      recoveryCode: z.string().max(100).optional(),
      passkey: webAuthnSchema.optional(),
    }),
    responses: { 200: { description: 'Signed in', body: successOf(signedInSchema) } },
    async handle({ visitor: { session, origin }, body: { code, recoveryCode, passkey } }) {
      const given =
        passkey === undefined ? (code === undefined ? { recoveryCode: recoveryCode ?? '' } : { code }) : { passkey };
      const { setCookie, csrfToken } = await secondFactors.give(session, given, origin);
      return {
        ...succeed(200, 'Signed in', { next: 'done' as const, csrfToken }),
        headers: { 'set-cookie': setCookie },
      };
    },
  });
  addOpenRoute(api, {
    ...half,
    method: 'post',
    path: '/api/v1/sign-in/passkey-options',
    operationId: 'askForPasskey',
    summary: 'Get the challenge for a passkey',
    responses: { 200: { description: 'For `navigator.credentials.get`', body: successOf(z.looseObject({})) } },
    async handle({ visitor }) {
      return succeed(200, 'Challenge for a passkey', await secondFactors.askForPasskey(visitor.session));
    },
  });

  addOpenRoute(api, {
    ...own,
    method: 'get',
    path: PATH,
    operationId: 'listSecondFactors',
    summary: 'List your second factors',
    responses: { 200: { description: 'Oldest first', body: successOf(factorsSchema) } },
    async handle({ visitor }) {
      return succeed(200, 'Second factors', await secondFactors.list(visitor));
    },
  });
  addOpenRoute(api, {
    ...own,
    method: 'post',
    path: `${PATH}/totp`,
    operationId: 'beginTotp',
    summary: 'Begin to set up an authenticator app',
    description: 'It is not used for signing in until you confirm one of its codes.',
    responses: {
      200: {
        description: 'Input for the app: a QR code as SVG, and the same as text',
        body: successOf(z.object({ id: z.string(), secret: z.string(), url: z.string(), qrCode: z.string() })),
      },
    },
    async handle({ visitor }) {
      return succeed(200, 'Confirm the app with a code', await secondFactors.beginTotp(visitor));
    },
  });
  addOpenRoute(api, {
    ...own,
    method: 'post',
    path: `${PATH}/totp/confirm`,
    operationId: 'confirmTotp',
    summary: 'Confirm an authenticator app with one of its codes',
    body: z.strictObject({ id: idSchema, code: codeSchema, name: displayNameSchema.default('Authenticator app') }),
    responses: { 200: { description: 'Confirmed', body: successOf(confirmedSchema) } },
    async handle({ visitor, body }) {
      return succeed(200, 'Second factor set up', await secondFactors.confirmTotp(visitor, body));
    },
  });
  addOpenRoute(api, {
    ...own,
    method: 'post',
    path: `${PATH}/passkey`,
    operationId: 'beginPasskey',
    summary: 'Begin to set up a passkey',
    responses: { 200: { description: 'For `navigator.credentials.create`', body: successOf(z.looseObject({})) } },
    async handle({ visitor }) {
      return succeed(200, 'Options for creating a passkey', await secondFactors.beginPasskey(visitor));
    },
  });
  addOpenRoute(api, {
    ...own,
    method: 'post',
    path: `${PATH}/passkey/confirm`,
    operationId: 'confirmPasskey',
    summary: 'Confirm a passkey',
    body: z.strictObject({ response: webAuthnSchema, name: displayNameSchema.default('Passkey') }),
    responses: { 200: { description: 'Confirmed', body: successOf(confirmedSchema) } },
    async handle({ visitor, body }) {
      return succeed(200, 'Second factor set up', await secondFactors.confirmPasskey(visitor, body));
    },
  });
  addOpenRoute(api, {
    ...own,
    method: 'delete',
    path: `${PATH}/{id}`,
    operationId: 'removeSecondFactor',
    summary: 'Remove one of your second factors',
    description: 'Removing the last one also removes the recovery codes.',
    params: z.strictObject({ id: idSchema }),
    responses: { 204: { description: 'Removed', body: null } },
    async handle({ visitor, params: { id } }) {
      await secondFactors.remove(visitor, id);
      return succeedWithoutBody();
    },
  });
  addOpenRoute(api, {
    ...own,
    method: 'post',
    path: '/api/v1/session/recovery-codes',
    operationId: 'renewRecoveryCodes',
    summary: 'Get new recovery codes',
    description: 'The earlier codes become invalid.',
    responses: { 200: { description: 'Shown only now', body: successOf(z.object({ codes: z.array(z.string()) })) } },
    async handle({ visitor }) {
      return succeed(200, 'Recovery codes', { codes: await secondFactors.renewRecoveryCodes(visitor) });
    },
  });
}
