import type { DescriptorDraft } from '../descriptor/draft.ts';
import { checkBody } from './check-body.ts';
import { checkCredentials, listCredentialHeaders } from './check-credentials.ts';
import { checkFixedQuery } from './check-fixed-query.ts';
import { checkPagination } from './check-pagination.ts';
import { checkParameters } from './check-parameters.ts';
import { checkPathParameters } from './check-path-parameters.ts';
import { checkPicked } from './check-picked.ts';
import type { LocatedOperation, OperationContext } from './operation-context.ts';
import { reportDuplicates } from './report-duplicates.ts';

export function checkOperations(draft: DescriptorDraft): void {
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
    const located: LocatedOperation = { draft, operation, index, part: draft.at('operations', index) };
    const context: OperationContext = { ...located, credentials: checkCredentials(located), credentialHeaders };
    checkPathParameters(context);
    checkParameters(context);
    checkFixedQuery(context);
    checkBody(context);
    checkPagination(context);
    for (const key of ['pick', 'error_pick'] as const) {
      checkPicked(operation.response?.[key], located.part.place('response').place(key));
    }
  }
}
