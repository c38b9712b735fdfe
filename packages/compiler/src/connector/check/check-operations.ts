import type { Part } from '../../document/part.ts';
import type { Draft } from '../descriptor/draft.ts';
import type { Operation } from '../descriptor/operation-schema.ts';
import { checkBody } from './check-body.ts';
import { type Credentials, checkCredentials, listCredentialHeaders } from './check-credentials.ts';
import { checkFixedQuery } from './check-fixed-query.ts';
import { checkPagination } from './check-pagination.ts';
import { checkParameters } from './check-parameters.ts';
import { checkPathParameters } from './check-path-parameters.ts';
import { checkPicked } from './check-picked.ts';
import { reportDuplicates } from './report-duplicates.ts';

/** An operation and its location. */
export type Place = { draft: Draft; operation: Operation; index: number; part: Part };

/** An operation with the credentials that it sends. */
export type Site = Place & {
  credentials: Credentials;
  /** The headers in which any operation of the connector sends credentials, normalized by `headerKey`. */
  credentialHeaders: ReadonlySet<string>;
};

export function checkOperations(draft: Draft): void {
  const { operations } = draft.connector;
  reportDuplicates(
    operations.map(({ operation_id: id }) => id),
    (id, index) => {
      const message = `Duplicate operation "${id}"`;
      draft.at('operations', index, 'operation_id').error('duplicate_id', message, 'Give each one a unique id.');
    },
  );
  const credentialHeaders = listCredentialHeaders(draft);
  for (const [index, operation] of operations.entries()) {
    const place = { draft, operation, index, part: draft.at('operations', index) };
    const site = { ...place, credentials: checkCredentials(place), credentialHeaders };
    checkPathParameters(site);
    checkParameters(site);
    checkFixedQuery(site);
    checkBody(site);
    checkPagination(site);
    for (const key of ['pick', 'error_pick'] as const) {
      checkPicked(operation.response?.[key], place.part.place('response').place(key));
    }
  }
}
