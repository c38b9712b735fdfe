import type { ListName } from '../manifests/prepared-lists.ts';
import { invalidParams } from '../protocol/mcp-error.ts';
import { complete } from './complete.ts';
import type { HandleMethod } from './handle.ts';
import { initialize } from './initialize.ts';
import { getPrompt } from './prompts-get.ts';
import { readResource } from './resources-read.ts';
import { subscriptionMethod } from './resources-subscribe.ts';
import { setLevel } from './set-level.ts';
import { listen } from './subscriptions-listen.ts';
import { cancelTaskMethod, getTask, updateTask } from './tasks.ts';
import { callTool } from './tools-call.ts';

const ofBothEras: [string, HandleMethod][] = [
  ['tools/list', listMethod('tools')],
  ['tools/call', callTool],
  ['prompts/list', listMethod('prompts')],
  ['prompts/get', getPrompt],
  ['resources/list', listMethod('resources')],
  ['resources/templates/list', listMethod('resourceTemplates')],
  ['resources/read', readResource],
  ['completion/complete', complete],
];

/** Every supported method, by era. A Map, because names come from clients. */
export const methods: Record<'legacy' | 'modern', ReadonlyMap<string, HandleMethod>> = {
  legacy: new Map([
    ...ofBothEras,
    ['initialize', initialize],
    ['ping', () => ({ members: '' })],
    ['logging/setLevel', setLevel],
    ['resources/subscribe', subscriptionMethod('subscribe')],
    ['resources/unsubscribe', subscriptionMethod('unsubscribe')],
  ]),
  modern: new Map([
    ...ofBothEras,
    ['server/discover', ({ server }) => ({ prepared: server.lists.discover })],
    ['subscriptions/listen', listen],
    ['tasks/get', getTask],
    ['tasks/update', updateTask],
    ['tasks/cancel', cancelTaskMethod],
  ]),
};

/**
 * `tools/list`, `prompts/list`, `resources/list` and `resources/templates/list`: the bytes are created once per
 * manifest.
 */
function listMethod(list: ListName): HandleMethod {
  return ({ era, params: { cursor }, server: { lists } }) => {
    // A client that always sends a cursor sends an empty one first.
    if (cursor === undefined || cursor === '') return { prepared: lists.firstPage(list)[era] };
    const page = typeof cursor === 'string' ? lists.pageAt(list, cursor) : undefined;
    if (page === undefined) throw invalidParams('Unknown cursor');
    return { prepared: page[era] };
  };
}
