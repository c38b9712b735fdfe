import createClient, { type ClientOptions } from 'openapi-fetch';
import type { paths } from './generated/api.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The paths of the API that have this method. */
export type PathWith<M extends Method> = {
  [Path in keyof paths]: paths[Path] extends Record<M, object> ? Path : never;
}[keyof paths];

/** What may be sent for a value: an optional member may also be undefined, and is left out then. */
export type Sent<Value> = Value extends readonly (infer Item)[]
  ? readonly Sent<Item>[]
  : Value extends object
    ? {
        [Name in keyof Value]: Partial<Pick<Value, Name>> extends Pick<Value, Name>
          ? Sent<Value[Name]> | undefined
          : Sent<Value[Name]>;
      }
    : Value;

/** `path`, `query` and `header`, as far as the operation has them. */
export type ParamsOf<Path extends keyof paths, M extends Method> = paths[Path][M] extends { parameters: infer Given }
  ? {
      [Place in keyof Given as [NonNullable<Given[Place]>] extends [never] ? never : Place]: Sent<Given[Place]>;
    }
  : never;

type JsonOf<Body> = Body extends { content: { 'application/json': infer Content } } ? Sent<Content> : never;

type BodyOf<Path extends keyof paths, M extends Method> = paths[Path][M] extends { requestBody?: infer Body }
  ? [NonNullable<Body>] extends [never]
    ? { body?: never }
    : undefined extends Body
      ? { body?: JsonOf<NonNullable<Body>> }
      : { body: JsonOf<Body> }
  : never;

type OptionalIfEmpty<Name extends string, Given> =
  Partial<Given> extends Given ? { [_ in Name]?: Given } : { [_ in Name]: Given };

type RequestTo<Path extends keyof paths, M extends Method> = OptionalIfEmpty<'params', ParamsOf<Path, M>> &
  BodyOf<Path, M> & { signal?: AbortSignal };

/** The body of the answer, with its status. There is no `data` in an answer without content. */
export type AnswerTo<Path extends keyof paths, M extends Method> = Path extends keyof paths
  ? paths[Path][M] extends { responses: infer Responses }
    ? {
        [Status in keyof Responses]: Responses[Status] extends { content: { 'application/json': infer Body } }
          ? Body & { status: Status }
          : { status: Status; data?: undefined };
      }[keyof Responses]
    : never
  : never;

type Send<M extends Method> = <Path extends PathWith<M>>(
  path: Path,
  ...request: Partial<RequestTo<Path, M>> extends RequestTo<Path, M>
    ? [request?: RequestTo<Path, M>]
    : [request: RequestTo<Path, M>]
) => Promise<AnswerTo<Path, M>>;

/** The REST API. What a method resolves to is the answer itself: `fetch` has thrown what the API refuses. */
export type ApiClient = { [M in Method as Uppercase<M>]: Send<M> };

type SendAny = (method: string, path: string, request?: object) => Promise<{ data?: object; response: Response }>;

export function createApi(options: ClientOptions & Required<Pick<ClientOptions, 'fetch'>>): ApiClient {
  const request = createClient<paths>(options).request as SendAny;
  const send = (method: string) => async (path: string, init?: object) => {
    const { data, response } = await request(method, path, init);
    return { ...data, status: response.status };
  };
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  return Object.fromEntries(methods.map((method) => [method, send(method)])) as ApiClient;
}
