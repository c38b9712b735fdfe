import type { Scope } from '@toolplane/expressions';
import { toText } from '@toolplane/expressions';
import { budgetFor } from '../evaluation-budget.ts';
import type { NamedTemplate } from '../named-template.ts';
import { NO_SCOPE } from '../requests/build-request.ts';
import { checkSecretHosts, type NamedSecret } from '../step-secrets.ts';

const HEAD_UNITS_MAX = 1024 * 1024;

/**
 * Builds the headers that are sent in addition to the protocol's own headers: only from the plan and its secrets, never
 * from the caller.
 */
export function buildHeaders(
  templates: readonly NamedTemplate[],
  url: URL,
  secrets: readonly NamedSecret[],
  used: Iterable<NamedSecret>,
): Record<string, string> {
  const budget = budgetFor('invalid_upstream_request', 'The headers of the request are too large', HEAD_UNITS_MAX);
  const scope: Scope = {
    ...NO_SCOPE,
    secrets: Object.fromEntries(secrets.map(({ name, value }) => [name, value.reveal()])),
  };
  const headers = Object.fromEntries(
    templates.map(([name, evaluate]) => [name.toLowerCase(), toText(evaluate(scope, budget), budget)]),
  );
  const parts = { url: url.href, query: {}, headers, parameters: [], body: null };
  checkSecretHosts(secrets, used, { url, headers, body: undefined, parts });
  return headers;
}
