import {
  type Api,
  addRoute,
  JsonText,
  jsonTextSchema,
  type LargeBodies,
  pageQuery,
  succeed,
  succeedWithPage,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../platform/principals/principal.ts';
import { categorySchema, textOf } from '../platform/request-schemas.ts';
import { BODY_BYTES_MAX, validationSchema } from '../servers/documents/document-schemas.ts';
import { toConnectorAnswer, toDiffAnswer, toSummaryAnswer, toVersionAnswer } from './connector-answers.ts';
import { connectorAnswers, slugSchema, versionSchema } from './connector-schemas.ts';
import type { Connectors } from './connectors.ts';
import { rejectionSchema, toRejection } from './rejection.ts';

const tag = 'Connectors';
const params = z.strictObject({ slug: slugSchema });
const UNCHANGED = 'Connector unchanged';
const STILL_DEPRECATED = 'Connector unchanged: this version already exists and is deprecated';
const descriptorBody = z.strictObject({
  descriptor: textOf(BODY_BYTES_MAX).meta({ description: 'YAML of at most 1 MiB or JSON of at most 16 MiB' }),
});

type Services = { connectors: Connectors; largeBodies: LargeBodies<Principal> };

export function addConnectorRoutes(api: Api<Principal>, services: Services): void {
  addWritingRoutes(api, services);
  addReadingRoutes(api, services);
  addVersionRoutes(api, services);
}

function addWritingRoutes(api: Api<Principal>, { connectors, largeBodies }: Services): void {
  addRoute(api, {
    method: 'post',
    path: '/api/v1/connectors',
    operationId: 'registerConnector',
    tag,
    summary: 'Register a connector, or a new version of one',
    description:
      'A version never changes, and a new version must be higher than all earlier ones. It becomes the active version, to ' +
      'which instances are moved.',
    access: 'connectors:write',
    body: descriptorBody,
    largeBodies,
    responses: {
      200: { description: 'This version already exists with the same content', body: connectorAnswers.registered },
      201: { description: 'Registered', body: connectorAnswers.registered },
      422: { description: 'The descriptor has problems; nothing was saved', body: rejectionSchema },
    },
    async handle({ principal, body: { descriptor } }) {
      const result = await connectors.register(principal, descriptor);
      if (result.status === 'rejected') {
        return toRejection('The descriptor has problems; nothing was saved', result.diagnostics);
      }
      const { status, slug, version, diagnostics } = result;
      const data = { slug, ...toVersionAnswer(version) };
      const answer =
        status === 'registered'
          ? succeed(201, 'Connector registered', data)
          : succeed(200, version.deprecatedAt === null ? UNCHANGED : STILL_DEPRECATED, data);
      return { ...answer, body: { ...answer.body, diagnostics } };
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/api/v1/connectors/validate',
    operationId: 'validateConnector',
    isQuestion: true,
    tag,
    summary: 'List every problem of a descriptor',
    description: 'Nothing is saved.',
    access: 'any-key',
    body: descriptorBody,
    largeBodies,
    responses: { 200: { description: 'The problems that were found', body: successOf(validationSchema) } },
    async handle({ principal, body: { descriptor } }) {
      return succeed(200, 'Descriptor checked', await connectors.validate(principal, descriptor));
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/api/v1/connectors/{slug}/deprecate',
    operationId: 'deprecateConnector',
    tag,
    summary: 'Deprecate a version of a connector',
    description:
      'It gets no new instances. The highest version that is not deprecated becomes the active one; if none is left, ' +
      'existing instances keep running.',
    access: 'connectors:write',
    params,
    body: z.strictObject({ version: versionSchema, message: textOf(500).min(1).optional() }),
    responses: { 200: { description: 'Deprecated', body: connectorAnswers.deprecated } },
    async handle({ principal, params: { slug }, body: { version, message = null } }) {
      const deprecated = await connectors.deprecate(principal, slug, { version, message });
      return succeed(200, 'Version deprecated', toVersionAnswer(deprecated));
    },
  });
}

function addReadingRoutes(api: Api<Principal>, { connectors }: Services): void {
  addRoute(api, {
    method: 'get',
    path: '/api/v1/connectors',
    operationId: 'listConnectors',
    tag,
    summary: 'List the connectors of the organization',
    description: 'Filters apply to active versions.',
    access: 'servers:read',
    query: z.strictObject({
      ...pageQuery,
      q: textOf(200).optional().meta({ description: 'Text in the slug, name, description or publisher' }),
      category: categorySchema.optional(),
      tag: textOf(100).optional(),
    }),
    responses: { 200: { description: 'A page of connectors, by slug', body: connectorAnswers.list } },
    async handle({ principal, query }) {
      const { items, total } = await connectors.list(principal, query);
      return succeedWithPage('Connectors', query, { items: items.map(toConnectorAnswer), total });
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/api/v1/connectors/{slug}',
    operationId: 'getConnector',
    tag,
    summary: 'Get a connector: its authentication, tools and limits',
    access: 'servers:read',
    params,
    responses: { 200: { description: 'The connector', body: connectorAnswers.detail } },
    async handle({ principal, params: { slug } }) {
      const { shown, ...connector } = await connectors.get(principal, slug);
      return succeed(200, 'Connector', { ...toSummaryAnswer(shown.summary), ...toConnectorAnswer(connector) });
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/api/v1/connectors/{slug}/openapi',
    operationId: 'getConnectorOpenApi',
    tag,
    summary: 'Get the operations of a connector as an OpenAPI 3.1 document',
    access: 'servers:read',
    params,
    query: z.strictObject({ version: versionSchema.optional() }),
    responses: { 200: { description: 'The OpenAPI document itself', body: jsonTextSchema } },
    async handle({ principal, params: { slug }, query: { version } }) {
      return { status: 200 as const, body: new JsonText(await connectors.openApi(principal, slug, version)) };
    },
  });
}

function addVersionRoutes(api: Api<Principal>, { connectors }: Services): void {
  addRoute(api, {
    method: 'get',
    path: '/api/v1/connectors/{slug}/versions',
    operationId: 'listConnectorVersions',
    tag,
    summary: 'List the versions of a connector',
    access: 'servers:read',
    params,
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of versions, highest first', body: connectorAnswers.versions } },
    async handle({ principal, params: { slug }, query }) {
      const { items, total } = await connectors.listVersions(principal, slug, query);
      return succeedWithPage('Versions', query, { items: items.map(toVersionAnswer), total });
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/api/v1/connectors/{slug}/versions/{version}',
    operationId: 'getConnectorVersion',
    tag,
    summary: 'Get a version of a connector with its descriptor',
    access: 'servers:read',
    params: params.extend({ version: versionSchema }),
    responses: { 200: { description: 'The version', body: connectorAnswers.version } },
    async handle({ principal, params: { slug, version } }) {
      const { summary, descriptor, ...found } = await connectors.getVersion(principal, slug, version);
      return succeed(200, 'Version', { ...toSummaryAnswer(summary), ...toVersionAnswer(found), descriptor });
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/api/v1/connectors/{slug}/diff',
    operationId: 'diffConnectorVersions',
    tag,
    summary: 'List the differences between two versions of a connector',
    access: 'servers:read',
    params,
    query: z.strictObject({ from: versionSchema, to: versionSchema }),
    responses: { 200: { description: 'The changes', body: connectorAnswers.diff } },
    async handle({ principal, params: { slug }, query }) {
      return succeed(200, 'Changes', toDiffAnswer(await connectors.diff(principal, slug, query)));
    },
  });
}
