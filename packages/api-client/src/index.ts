export { defaultPathSerializer as toPath } from 'openapi-fetch';
export { type AnswerTo, type ApiClient, createApi, type ParamsOf, type PathWith } from './create-api.ts';
export type * from './schemas.ts';
