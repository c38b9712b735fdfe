import type { Diagnostic } from '@toolplane/contracts';
import {
  type Api,
  addRoute,
  type LargeBodies,
  listOf,
  pageQuery,
  succeed,
  succeedWithoutBody,
  succeedWithPage,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema, timestampSchema } from '../../platform/request-schemas.ts';
import { diagnosticSchema, documentFields } from '../documents/document-schemas.ts';
import type { Deployments } from './deployments.ts';

const deploymentSchema = z
  .object({
    id: z.string(),
    serverId: z.string(),
    state: z.enum(['deploying', 'active', 'deployed', 'errored']).meta({
      description: '`deployed`: it ran and was superseded',
    }),
    error: z
      .object({ code: z.string(), message: z.string(), details: z.unknown().optional() })
      .nullable()
      .meta({ description: 'Why it is `errored`, in the words shown to the person who deployed it' }),
    createdAt: timestampSchema,
  })
  .meta({ id: 'Deployment' });

const referenceSchema = z.object({
  name: z.string(),
  content: z.string(),
  location: z.string(),
  sha256: z
    .string()
    .optional()
    .meta({ description: 'SHA-256 of the content in UTF-8, in hex; absent in old deployments' }),
  fetchedAt: timestampSchema.optional().meta({ description: 'Absent: the document was sent with the deployment' }),
});

const deploymentWithSourceSchema = deploymentSchema
  .extend({
    definition: z.string(),
    references: z.array(referenceSchema),
  })
  .meta({ id: 'DeploymentWithSource' });

/** The fields outside the envelope are those of Bump.sh, so that its command line tool understands the answers. */
const deployedSchema = successOf(deploymentSchema.extend({ diagnostics: z.array(diagnosticSchema) })).extend({
  id: z.string(),
  mcp_server_id: z.string(),
});
const rejectedSchema = z
  .object({
    success: z.literal(false),
    error: z.object({ code: z.literal('invalid_document'), message: z.string() }),
    message: z.string(),
    errors: z.object({ raw_definition: z.array(z.string()) }),
    diagnostics: z.array(diagnosticSchema),
  })
  .meta({ id: 'RejectedDocument' });

const serverParams = z.strictObject({ id: idSchema });
const deploymentParams = z.strictObject({ id: idSchema, deploymentId: idSchema });
const tag = 'Deployments';

export function addDeploymentRoutes(
  api: Api<Principal>,
  { deployments, largeBodies }: { deployments: Deployments; largeBodies: LargeBodies<Principal> },
): void {
  addRoute(api, {
    method: 'post',
    path: '/api/v1/mcp-servers/{id}/deploy',
    operationId: 'deploy',
    tag,
    summary: 'Deploy a document to an MCP server',
    description:
      'The first deployment starts the server. If a deployment fails, the last good one keeps running. Documents to which ' +
      'this one refers are sent in `references` or fetched now, and stored: a rollback fetches nothing.',
    access: 'servers:write',
    params: serverParams,
    body: z.strictObject(documentFields),
    largeBodies,
    responses: {
      201: { description: 'Deployed', body: deployedSchema },
      204: { description: 'This deployment is already running', body: null },
      422: { description: 'The document has problems; nothing was saved', body: rejectedSchema },
    },
    async handle({ principal, params: { id }, body }) {
      const result = await deployments.deploy(principal, id, body);
      if (result.status === 'unchanged') return succeedWithoutBody();
      if (result.status === 'rejected') return toRejection(result.diagnostics);
      const { deployment, diagnostics } = result;
      const { status, body: success } = succeed(201, 'Deployed', { ...deployment, diagnostics });
      return { status, body: { ...success, id: deployment.id, mcp_server_id: deployment.serverId } };
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/api/v1/mcp-servers/{id}/deployments',
    operationId: 'listDeployments',
    tag,
    summary: 'List the deployments of an MCP server',
    access: 'servers:read',
    params: serverParams,
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of deployments, newest first', body: listOf(deploymentSchema) } },
    async handle({ principal, params: { id }, query }) {
      return succeedWithPage('Deployments', query, await deployments.list(principal, id, query));
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/api/v1/mcp-servers/{id}/deployments/{deploymentId}',
    operationId: 'getDeployment',
    tag,
    summary: 'Get a deployment with its document',
    access: 'servers:read',
    params: deploymentParams,
    responses: { 200: { description: 'The deployment', body: successOf(deploymentWithSourceSchema) } },
    async handle({ principal, params: { id, deploymentId } }) {
      return succeed(200, 'Deployment', await deployments.get(principal, id, deploymentId));
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/api/v1/mcp-servers/{id}/deployments/{deploymentId}/rollback',
    operationId: 'rollBack',
    tag,
    summary: 'Roll back to an earlier deployment',
    access: 'servers:write',
    params: deploymentParams,
    responses: { 200: { description: 'It runs', body: successOf(deploymentSchema) } },
    async handle({ principal, params: { id, deploymentId } }) {
      return succeed(200, 'Rolled back', await deployments.rollBack(principal, id, deploymentId));
    },
  });
}

function toRejection(diagnostics: Diagnostic[]) {
  const message = 'The document has problems; nothing was deployed';
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return {
    status: 422 as const,
    body: {
      success: false as const,
      error: { code: 'invalid_document' as const, message },
      message,
      errors: { raw_definition: errors.map(toLine) },
      diagnostics,
    },
  };
}

function toLine({ source, line, column, message }: Diagnostic): string {
  return `${source === undefined ? '' : `${source}:`}${line}:${column} ${message}`;
}
