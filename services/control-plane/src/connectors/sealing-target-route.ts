import { credentialScopes, sealingTargetSchema, secretNameSchema, sourceLimits } from '@toolplane/contracts';
import { type Api, addRoute, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../platform/principals/principal.ts';
import { idSchema, textOf } from '../platform/request-schemas.ts';
import type { SealingTargets } from './sealing-targets.ts';

const targetQuery = z.strictObject({
  server: idSchema.optional().meta({ description: 'Name or id of the server' }),
  secret: secretNameSchema.optional().meta({
    description:
      'Name of the secret. A sealed header of an external server is the secret `EXTERNAL_<NAME>_<HEADER>`, in capitals, with `_` for `-`',
  }),
  externalServer: textOf(32).optional().meta({ description: 'Name of the external server whose client it is' }),
  instance: idSchema.optional().meta({ description: 'Id of the connector instance' }),
  scope: z.enum(credentialScopes).optional().meta({ description: 'Whose credentials they are; default: `workspace`' }),
  subject: textOf(350).optional().meta({ description: 'The user or agent, as for storing the credentials' }),
  issuer: textOf(sourceLimits.urlLengthMax).optional().meta({ description: 'Issuer of single sign-on' }),
  url: textOf(sourceLimits.urlLengthMax).optional().meta({ description: 'Of the external server to load tools from' }),
});

export function addSealingTargetRoute(
  api: Api<Principal>,
  { sealingTargets }: { sealingTargets: SealingTargets },
): void {
  addRoute(api, {
    method: 'get',
    path: '/api/v1/sealing-target',
    operationId: 'getSealingTarget',
    tag: 'Secrets',
    summary: 'Get what a value is sealed for: the public key, and the audience',
    description:
      'The audience is the protected header `aud` of the seal. It names the one place where the data plane accepts the value: ' +
      'a secret of a server (`server`, `secret`), credentials of a connector instance (`instance`, `scope`, `subject`), the client ' +
      'for the sign-in to an external server (`server`, `externalServer`), the client secret of single sign-on (`issuer`), or ' +
      'the headers for loading tools from a URL (`url`).',
    access: 'any-key',
    query: targetQuery,
    responses: { 200: { description: 'The key and the audience', body: successOf(sealingTargetSchema) } },
    async handle({ principal, query }) {
      return succeed(200, 'Sealing target', await sealingTargets.get(principal, query));
    },
  });
}
