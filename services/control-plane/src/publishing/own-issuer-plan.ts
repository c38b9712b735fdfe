import {
  ISSUER_KEYS,
  ISSUER_USER,
  type ManifestAuthorization,
  type Plan,
  planLimits,
  type Template,
} from '@toolplane/contracts';
import type { OwnIssuer } from '../servers/own-issuers/own-issuer.ts';

/** Kept short, because a request waits for this plan. */
const DEADLINE_MS = 10_000;

/**
 * Returns the plan that loads the keys of a server's own issuer, or sends a token to the issuer to verify it, and what
 * the edge must know about the issuer.
 */
export function toIssuerPlan(
  { workspaceId, serverId }: Pick<Plan, 'workspaceId' | 'serverId'>,
  { issuer, tokens, jwksUri, userinfoEndpoint, audience, maxTokenAgeSeconds, scopes, claims }: OwnIssuer,
): { plan: Plan; authorization: Omit<ManifestAuthorization, 'planDigest'> } {
  const output = tokens === 'jwt' ? 'keys' : 'claims';
  return {
    plan: {
      version: 1,
      workspaceId,
      serverId,
      allowedHosts: [],
      deadlineMs: DEADLINE_MS,
      outputBytesMax: planLimits.outputBytesMax,
      analytics: [],
      tool: tokens === 'jwt' ? ISSUER_KEYS : ISSUER_USER,
      steps: [
        {
          id: 'issuer',
          request: {
            method: 'GET',
            url: { kind: 'parts', parts: [(tokens === 'jwt' ? jwksUri : userinfoEndpoint) ?? ''] },
            headers: [
              ['accept', { kind: 'literal', value: 'application/json' }],
              ...(tokens === 'jwt' ? [] : [BEARER]),
            ],
            query: [],
            // A redirect would lead to another party than the configured issuer.
            returnsRedirects: true,
          },
          secrets: [],
          outputs: [[output, { kind: 'reference', path: ['response', 'body', ...(tokens === 'jwt' ? ['keys'] : [])] }]],
          actions: [],
          failure: {
            succeeds: {
              kind: 'compare',
              operator: '==',
              left: { kind: 'reference', path: ['response', 'status'] },
              right: { kind: 'literal', value: 200 },
            },
            actions: [],
          },
        },
      ],
      outputs: [[output, { kind: 'reference', path: ['steps', 'issuer', 'outputs', output] }]],
    },
    authorization: {
      issuer,
      tokens,
      ageSecondsMax: maxTokenAgeSeconds,
      deadlineMs: DEADLINE_MS,
      ...(audience === undefined ? {} : { audience }),
      ...(scopes === undefined ? {} : { scopes }),
      ...(claims === undefined ? {} : { claims }),
    },
  };
}

const BEARER: [string, Template] = [
  'authorization',
  { kind: 'text', parts: ['Bearer ', { path: ['current_user', 'token'] }] },
];
