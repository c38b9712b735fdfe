import type { Condition, Plan } from '@toolplane/contracts';
import type { Authentication } from '../descriptor/authentication-schema.ts';
import { idOf } from '../descriptor/credential-fields.ts';
import { type CredentialTemplates, credentialTemplates } from '../descriptor/credential-templates.ts';
import { fillConfiguration } from './fill-configuration.ts';
import { toConnection } from './to-connection.ts';
import { toTemplates } from './to-request.ts';
import { type InstanceContext, planOf } from './to-tool.ts';

/**
 * Creates a request that shows whether credentials are valid; nothing of its response is kept. Throws
 * `ConfigurationError`.
 */
export function toConnectionTest(context: InstanceContext, authentication: Authentication): Plan | undefined {
  const { test_endpoint: test } = authentication;
  if (test === undefined) return undefined;
  const credentials = findCredentials(context, authentication);
  const statuses = [test.expected_status].flat();
  const url = fillConfiguration(test.url, context.configuration).join('');
  return {
    ...planOf(context, 'connection_test'),
    connection: toConnection(context.connector, context, { authentication, credentials }),
    steps: [
      {
        id: 'connection_test',
        request: {
          method: test.method,
          url: { kind: 'operation', parts: [url] },
          headers: toTemplates(credentials.headers),
          query: toTemplates(credentials.query),
          ...(statuses.some((status) => status >= 300 && status < 400) ? { returnsRedirects: true } : {}),
        },
        secrets: [],
        outputs: [],
        actions: [],
        failure: { succeeds: isOneOf(statuses), actions: [] },
      },
    ],
    outputs: [],
  };
}

/** Uses the templates of the first operation with this authentication, because a test has none of its own. */
function findCredentials({ connector }: InstanceContext, authentication: Authentication): CredentialTemplates {
  const operation = connector.operations.find((each) => each.auth_type_ref === idOf(authentication));
  return credentialTemplates(operation ?? {}, authentication) ?? { headers: [], query: [] };
}

function isOneOf(statuses: number[]): Condition {
  const [first, ...others] = statuses.map(
    (status): Condition => ({
      kind: 'compare',
      operator: '==',
      left: { kind: 'reference', path: ['response', 'status'] },
      right: { kind: 'literal', value: status },
    }),
  );
  if (first === undefined) return { kind: 'literal', value: false };
  return others.length === 0 ? first : { kind: 'or', of: [first, ...others] };
}
