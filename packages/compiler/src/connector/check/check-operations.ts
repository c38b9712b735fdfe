import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import { idOf } from '../descriptor/credential-fields.ts';
import {
  type CredentialTemplates,
  chainsOf,
  credentialKeys,
  credentialTemplates,
} from '../descriptor/credential-templates.ts';
import type { Operation } from '../descriptor/operation-schema.ts';
import type { Draft } from '../descriptor/read-shape.ts';
import { checkBody } from './check-body.ts';
import { authenticationIds } from './check-chains.ts';
import { checkPagination } from './check-pagination.ts';
import { checkParameters } from './check-parameters.ts';
import { checkPathParameters } from './check-path-parameters.ts';
import { checkPicked } from './check-picked.ts';
import { checkHeaders, checkTemplate } from './check-template.ts';
import { reportDuplicates } from './report-duplicates.ts';

/** An operation with its place, and the headers and query that its credentials take. */
export type Site = {
  draft: Draft;
  operation: Operation;
  index: number;
  part: Part;
  credentials: CredentialTemplates;
  /** In small letters: those that any operation of the connector sends credentials in. */
  credentialHeaders: ReadonlySet<string>;
};

export function checkOperations(draft: Draft): void {
  const { operations } = draft.connector;
  reportDuplicates(
    operations.map(({ operation_id: id }) => id),
    (id, index) => {
      const message = `The operation "${id}" exists twice`;
      draft.at('operations', index, 'operation_id').error('duplicate_id', message, 'Give each an id of its own.');
    },
  );
  const ids = authenticationIds(draft);
  const credentialHeaders = listCredentialHeaders(draft);
  for (const [index, operation] of operations.entries()) {
    const part = draft.at('operations', index);
    const credentials = checkCredentials(draft, operation, { index, part, ids });
    const site = { draft, operation, index, part, credentials, credentialHeaders };
    checkPathParameters(site);
    checkParameters(site);
    checkBody(site);
    checkPagination(site);
    checkPicked(operation.response?.pick, part.place('response').place('pick'));
  }
}

function listCredentialHeaders({ connector: { operations } }: Draft): Set<string> {
  const names = operations.flatMap(({ auth_headers: headers }) => Object.keys(headers ?? {}));
  return new Set(['authorization', ...names.map((name) => name.toLowerCase())]);
}

function checkCredentials(
  draft: Draft,
  operation: Operation,
  { index, part, ids }: { index: number; part: Part; ids: string[] },
): CredentialTemplates {
  const { auth_type_ref: ref } = operation;
  if (ref !== undefined && !ids.includes(ref)) {
    const hint = suggestName(ref, ids, 'There are');
    part.place('auth_type_ref').error('unknown_authentication', `There is no authentication "${ref}"`, hint);
  }
  const authentication = draft.connector.authentication.find((each) => idOf(each) === ref);
  const templates = credentialTemplates(operation, authentication);
  if (templates === undefined && !isPartial(draft, ref)) {
    const hint = 'Write auth_headers or auth_query, for instance {X-API-Key: "{api_key}"}.';
    const message = `Nothing says where the credentials of "${ref}" go`;
    part.place('auth_type_ref').error('missing_auth_headers', message, hint);
  }
  const { headers, query } = templates ?? { headers: [], query: [] };
  const keys = knownKeys(draft, ref);
  if (operation.auth_headers !== undefined) checkHeaders(headers, part.place('auth_headers'), keys);
  for (const [name, text] of query) checkTemplate(text, draft.at('operations', index, 'auth_query', name), keys);
  return { headers, query };
}

/** Undefined where the authentication is not known as a whole. */
function knownKeys(draft: Draft, ref: string | undefined): string[] | undefined {
  if (ref === undefined) return [];
  const authentication = draft.connector.authentication.find((each) => idOf(each) === ref);
  if (authentication === undefined || isPartial(draft, ref)) return undefined;
  return credentialKeys(authentication, chainsOf(draft.connector, authentication));
}

function isPartial(draft: Draft, ref: string | undefined): boolean {
  const index = draft.connector.authentication.findIndex((each) => idOf(each) === ref);
  return draft.isPartial('authentication', index, 'fields') || draft.isPartial('credential_chains');
}
