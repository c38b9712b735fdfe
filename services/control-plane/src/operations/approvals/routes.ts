import { callerKindSchema } from '@toolplane/contracts';
import {
  type Api,
  addRoute,
  listOf,
  pageQuery,
  succeed,
  succeedWithPage,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema, textOf, timestampSchema } from '../../platform/request-schemas.ts';
import type { Approval, Approvals } from './approvals.ts';

const stateSchema = z.enum(['pending', 'approved', 'denied', 'expired']).meta({
  description: '`expired`: nobody decided within 24 hours after the last attempt of the call',
});

const approvalSchema = z
  .object({
    id: z.string(),
    workspaceId: z.string(),
    serverId: z.string().meta({ description: 'The server whose policy requires the approval' }),
    tool: z.string().meta({ description: 'The name of the tool at that server' }),
    rule: z.string().meta({ description: 'Id of the rule' }),
    request: z.string().meta({ description: 'The same id as in the answer that the caller got' }),
    state: stateSchema,
    caller: z.object({
      kind: callerKindSchema,
      keyId: z.string().nullable(),
      agentId: z.string().nullable(),
      username: z.string().nullable(),
      clientId: z.string().nullable(),
    }),
    argumentNames: z.array(z.string()).meta({ description: 'Names only: the values stay at the edge' }),
    validSeconds: z.int().meta({ description: 'How long the call may be made after its approval' }),
    requestedAt: timestampSchema,
    askedAt: timestampSchema.meta({ description: 'When the call was last attempted' }),
    expiresAt: timestampSchema.meta({ description: 'The end of the time for a decision' }),
    decidedAt: timestampSchema.nullable(),
    decidedBy: z
      .object({ kind: z.enum(['key', 'person']), id: z.string() })
      .nullable()
      .meta({ description: 'Id of an API key or of a person' }),
    reason: z.string().nullable(),
    validUntil: timestampSchema.nullable().meta({ description: 'The end of the time for which the decision holds' }),
  })
  .meta({ id: 'Approval' });

/** The length of the part of the request digest that is shown; nobody needs all of it. */
const REQUEST_LENGTH = 12;

const params = z.strictObject({ id: idSchema });
const path = '/api/v1/approvals';
const tag = 'Approvals';
const access = 'approvals:write';

const steps = [
  {
    name: 'approve',
    state: 'approved',
    summary: 'Approve a call, which may then be made once',
    description:
      'The caller cannot approve their own call, and whoever created or rotated the key of the caller counts as the caller: 403. If the approval is already decided or has expired: 409.',
  },
  {
    name: 'deny',
    state: 'denied',
    summary: 'Deny a call',
    description:
      'The caller is told for as long as an approval would have been valid. If the approval is already decided: 409.',
  },
] as const;

export function addApprovalRoutes(api: Api<Principal>, { approvals }: { approvals: Approvals }): void {
  addRoute(api, {
    method: 'get',
    path,
    operationId: 'listApprovals',
    tag,
    summary: 'List the calls that need an approval',
    access,
    query: z.strictObject({
      ...pageQuery,
      state: stateSchema.optional(),
      serverId: idSchema.optional().meta({ description: 'Id or slug' }),
    }),
    responses: { 200: { description: 'A page of approvals, newest first', body: listOf(approvalSchema) } },
    async handle({ principal, query: { state, serverId, page, limit } }) {
      const request = { state, serverId, page, limit };
      const found = await approvals.list(principal, request);
      return succeedWithPage('Approvals', request, { ...found, items: found.items.map(toAnswer) });
    },
  });
  addRoute(api, {
    method: 'get',
    path: `${path}/{id}`,
    operationId: 'getApproval',
    tag,
    summary: 'Get an approval',
    access,
    params,
    responses: { 200: { description: 'The approval', body: successOf(approvalSchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'Approval', toAnswer(await approvals.get(principal, id)));
    },
  });
  for (const { name, state, summary, description } of steps) {
    addRoute(api, {
      method: 'post',
      path: `${path}/{id}/${name}`,
      operationId: `${name}Call`,
      tag,
      summary,
      description,
      access,
      params,
      body: z.strictObject({
        reason: textOf(500).min(1).optional().meta({ description: 'For people who review the decision later' }),
      }),
      responses: { 200: { description: 'Decided', body: successOf(approvalSchema) } },
      async handle({ principal, params: { id }, body: { reason = null } }) {
        const decided = await approvals.decide(principal, id, { state, reason });
        return succeed(200, `Call ${state}`, toAnswer(decided));
      },
    });
  }
}

function toAnswer(approval: Approval): z.input<typeof approvalSchema> {
  const { ruleId, requestDigest, caller, requestedAt, askedAt, expiresAt, decidedAt, decidedBy, validUntil } = approval;
  const { kind, keyId = null, agentId = null, username = null, clientId = null } = caller;
  return {
    ...approval,
    rule: ruleId,
    request: requestDigest.slice(0, REQUEST_LENGTH),
    caller: { kind, keyId, agentId, username, clientId },
    requestedAt: requestedAt.toISOString(),
    askedAt: askedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    decidedBy: decidedBy && {
      kind: decidedBy.kind,
      id: decidedBy.kind === 'key' ? decidedBy.keyId : decidedBy.personId,
    },
    validUntil: validUntil?.toISOString() ?? null,
  };
}
