export {
  type ListPage,
  listOf,
  type PageRequest,
  pageQuery,
  succeed,
  succeedWithoutBody,
  succeedWithPage,
  successOf,
} from './answers.ts';
export { type Api, addOpenRoute, addRoute, createApi } from './api.ts';
export type { ChangeEnd, Look, RecordChange, RequestedChange } from './changes.ts';
export { EventStreamBody, eventStreamSchema, type ServerSentEvent } from './event-stream.ts';
export { JsonText, jsonLinesSchema, jsonTextSchema } from './json-text.ts';
export { createLargeBodies, type LargeBodies } from './large-bodies.ts';
export { queryNumber, queryNumberOr } from './query-number.ts';
export type { RequestPrincipal } from './route.ts';
