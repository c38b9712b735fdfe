export {
  listOf,
  type Page,
  type PageRequest,
  pageQuery,
  succeed,
  succeedWithoutBody,
  succeedWithPage,
  successOf,
} from './answers.ts';
export { type Api, addOpenRoute, addRoute, createApi } from './api.ts';
export type { Change, ChangeEnd, Look, RecordChange } from './changes.ts';
export { EventStream, eventStreamSchema, type ServerSentEvent } from './event-stream.ts';
export { JsonText, jsonLinesSchema, jsonTextSchema } from './json-text.ts';
export { createLargeBodies, type LargeBodies } from './large-bodies.ts';
export { queryNumber, queryNumberOr } from './query-number.ts';
export type { RequestPrincipal } from './route.ts';
