import type { ArazzoDocument, Step, Workflow } from '../model.ts';

const KEYS = ['channelPath', 'action', 'correlationId'];

/**
 * Steps that send or receive messages are refused and never omitted: a tool that does only half of its work would be
 * worse.
 */
export function checkAsyncApi({ steps }: Workflow, { sources }: ArazzoDocument): void {
  const channels = new Set(sources.filter(({ type }) => type === 'asyncapi').map(({ name }) => name));
  const isEvery = sources.length > 0 && channels.size === sources.length;
  for (const step of steps) {
    const key = KEYS.find((each) => step.part.member(each) !== undefined);
    const place = key === undefined ? undefined : step.part.member(key);
    if (place !== undefined) refuse(step, place);
    else if (isOperationOf(step, channels, isEvery)) refuse(step, step.target.part);
  }
}

function isOperationOf({ target }: Step, names: ReadonlySet<string>, isEvery: boolean): boolean {
  if (target.kind === 'workflowId' || target.text === '') return false;
  const [, name] = /^\{?\$sourceDescriptions\.([A-Za-z0-9_-]+)/.exec(target.text) ?? [];
  return isEvery || (name !== undefined && names.has(name));
}

function refuse({ id }: Step, place: Step['part']): void {
  const hint = 'Only OpenAPI operations and workflows can be called.';
  place.error('unsupported_asyncapi', `Step "${id}" uses AsyncAPI, which is not supported`, hint);
}
