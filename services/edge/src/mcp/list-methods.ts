import type { ListName } from '../manifests/prepared-lists.ts';
import { invalidParams } from '../protocol/mcp-error.ts';
import type { Handle } from './handle.ts';

/**
 * `tools/list`, `prompts/list`, `resources/list` and `resources/templates/list`: the bytes are created once per
 * manifest.
 */
export function listMethod(list: ListName): Handle {
  return ({ era, params: { cursor }, server: { lists } }) => {
    // A client that always sends a cursor sends an empty one first.
    if (cursor === undefined || cursor === '') return { prepared: lists.firstPage(list)[era] };
    const page = typeof cursor === 'string' ? lists.pageAt(list, cursor) : undefined;
    if (page === undefined) throw invalidParams('Unknown cursor');
    return { prepared: page[era] };
  };
}
