import { complete } from './complete.ts';
import { discover } from './discover.ts';
import type { Handle } from './handle.ts';
import { initialize } from './initialize.ts';
import { listMethod } from './list-methods.ts';
import { ping } from './ping.ts';
import { getPrompt } from './prompts-get.ts';
import { readResource } from './resources-read.ts';
import { subscriptionMethod } from './resources-subscribe.ts';
import { setLevel } from './set-level.ts';
import { listen } from './subscriptions-listen.ts';
import { cancelTaskMethod } from './tasks-cancel.ts';
import { getTask } from './tasks-get.ts';
import { updateTask } from './tasks-update.ts';
import { callTool } from './tools-call.ts';

const ofBothEras: [string, Handle][] = [
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
export const methods: Record<'legacy' | 'modern', ReadonlyMap<string, Handle>> = {
  legacy: new Map([
    ...ofBothEras,
    ['initialize', initialize],
    ['ping', ping],
    ['logging/setLevel', setLevel],
    ['resources/subscribe', subscriptionMethod('subscribe')],
    ['resources/unsubscribe', subscriptionMethod('unsubscribe')],
  ]),
  modern: new Map([
    ...ofBothEras,
    ['server/discover', discover],
    ['subscriptions/listen', listen],
    ['tasks/get', getTask],
    ['tasks/update', updateTask],
    ['tasks/cancel', cancelTaskMethod],
  ]),
};
