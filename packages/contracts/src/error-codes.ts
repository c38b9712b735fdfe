import { z } from 'zod';

/**
 * Every way in which a request or a call can fail. The code is the API; the message is only for people.
 *
 * `http` is used for REST and transport errors, `rpc` for JSON-RPC errors. JSON-RPC and MCP reserve −32768…−32000, and
 * MCP asks new implementations not to invent codes there, so ours are 1000 + the HTTP status. `retryable` says that the
 * same request may succeed later without a change.
 */
export const errorCodes = {
  invalid_request: { http: 400, rpc: -32602, retryable: false },
  unauthenticated: { http: 401, rpc: 1401, retryable: false },
  insufficient_scope: { http: 403, rpc: 1403, retryable: false },
  forbidden: { http: 403, rpc: 1403, retryable: false },
  not_found: { http: 404, rpc: 1404, retryable: false },
  method_not_allowed: { http: 405, rpc: 1405, retryable: false },
  request_timeout: { http: 408, rpc: 1408, retryable: true },
  conflict: { http: 409, rpc: 1409, retryable: false },
  quota_exceeded: { http: 409, rpc: 1409, retryable: false },
  payload_too_large: { http: 413, rpc: 1413, retryable: false },
  unsupported_media_type: { http: 415, rpc: 1415, retryable: false },
  misdirected_request: { http: 421, rpc: 1421, retryable: false },
  invalid_document: { http: 422, rpc: 1422, retryable: false },
  rate_limited: { http: 429, rpc: 1429, retryable: true },
  internal: { http: 500, rpc: -32603, retryable: false },
  config_unavailable: { http: 503, rpc: 1503, retryable: true },

  // The channel between the planes (bus).
  tenant_busy: { http: 429, rpc: 1429, retryable: true },
  queue_full: { http: 503, rpc: 1503, retryable: true },
  queue_unavailable: { http: 503, rpc: 1503, retryable: true },
  queue_restarted: { http: 503, rpc: 1503, retryable: false },
  shutting_down: { http: 503, rpc: 1503, retryable: true },
  deadline_exceeded: { http: 504, rpc: 1504, retryable: false },
  cancelled: { http: 499, rpc: 1499, retryable: false },
  worker_lost: { http: 502, rpc: 1502, retryable: false },
  incompatible: { http: 503, rpc: 1503, retryable: true },

  // Errors that a tool can return after its call was accepted.
  policy_denied: { http: 403, rpc: 1403, retryable: false },
  approval_required: { http: 403, rpc: 1403, retryable: true },
  approval_declined: { http: 403, rpc: 1403, retryable: false },
  idempotency_mismatch: { http: 422, rpc: 1422, retryable: false },
  client_capability_missing: { http: 400, rpc: -32021, retryable: false },
  input_declined: { http: 422, rpc: 1422, retryable: false },
  invalid_input_response: { http: 400, rpc: -32602, retryable: false },
  invalid_arguments: { http: 400, rpc: -32602, retryable: false },
  loop_limit: { http: 422, rpc: 1422, retryable: false },
  step_failed: { http: 502, rpc: 1502, retryable: false },
  no_action_matched: { http: 502, rpc: 1502, retryable: false },
  upstream_unreachable: { http: 502, rpc: 1502, retryable: true },
  upstream_busy: { http: 503, rpc: 1503, retryable: true },
  upstream_paused: { http: 503, rpc: 1503, retryable: true },
  upstream_timeout: { http: 504, rpc: 1504, retryable: true },
  upstream_bad_response: { http: 502, rpc: 1502, retryable: false },
  response_too_large: { http: 502, rpc: 1502, retryable: false },
  redirect_refused: { http: 502, rpc: 1502, retryable: false },
  egress_denied: { http: 403, rpc: 1403, retryable: false },
  invalid_upstream_request: { http: 422, rpc: 1422, retryable: false },
  external_server_unavailable: { http: 503, rpc: 1503, retryable: true },
  external_server_failed: { http: 502, rpc: 1502, retryable: false },
  external_sign_in_needed: { http: 403, rpc: 1403, retryable: false },
  secret_missing: { http: 424, rpc: 1424, retryable: false },
  secret_unavailable: { http: 503, rpc: 1503, retryable: true },
  secret_store_read_only: { http: 409, rpc: 1409, retryable: false },
  secret_host_denied: { http: 403, rpc: 1403, retryable: false },
  credentials_missing: { http: 424, rpc: 1424, retryable: false },
  credentials_refused: { http: 424, rpc: 1424, retryable: false },
  output_too_large: { http: 422, rpc: 1422, retryable: false },
  expression_failed: { http: 422, rpc: 1422, retryable: false },
} as const satisfies Record<string, { http: number; rpc: number; retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

export const errorCodeSchema = z.enum(Object.keys(errorCodes) as ErrorCode[]);
