import type { Permission } from '@toolplane/contracts';
import type { Request } from 'express';
import type { z } from 'zod';
import type { LargeBodies } from './large-bodies.ts';

/** What the kit must know about the caller. A service adds its own fields. */
export type RequestPrincipal = { workspaceId: string; permissions: readonly Permission[] };

/** The whole body of an answer, by status. `null` means an answer without a body. */
export type Responses = Record<number, { description: string; body: z.ZodType | null }>;

/** One of the declared answers. Fields that its schema does not declare never leave the process. */
export type RouteAnswer<R extends Responses> = {
  [Status in keyof R]: R[Status] extends { body: infer Body extends z.ZodType }
    ? { status: Status; body: z.input<Body>; headers?: Record<string, string> }
    : { status: Status; headers?: Record<string, string> };
}[keyof R];

export type Input = z.ZodObject;

/** A REST endpoint: its description for people and its rules for requests in one object. */
export type Route<
  Principal,
  Params extends Input,
  Query extends Input,
  Headers extends Input,
  Body extends Input,
  R extends Responses,
> = Described<Params, Query, Headers, Body, R> & {
  /** The minimum is any valid key. An endpoint that needs no key is an open route. */
  access: Permission | 'any-key';
  /** Set if bodies may be larger than 2 MiB. */
  largeBodies?: LargeBodies<Principal>;
  handle(request: { principal: Principal } & Received<Params, Query, Headers, Body>): Promise<RouteAnswer<R>>;
};

/** An endpoint that people use without a key: to sign in, or once they have signed in. */
export type OpenRoute<
  Visitor,
  Params extends Input,
  Query extends Input,
  Headers extends Input,
  Body extends Input,
  R extends Responses,
> = Described<Params, Query, Headers, Body, R> & {
  access: 'anyone' | 'session';
  /** Identifies the caller from what comes before the body. Throws an AppError for a caller that must not continue. */
  admit(req: Request): Promise<Visitor>;
  handle(request: { visitor: Visitor } & Received<Params, Query, Headers, Body>): Promise<RouteAnswer<R>>;
};

type Described<
  Params extends Input,
  Query extends Input,
  Headers extends Input,
  Body extends Input,
  R extends Responses,
> = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** A path in OpenAPI's notation: `/things/{id}`. */
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  description?: string;
  params?: Params;
  query?: Query;
  /** The names are in lower case. */
  headers?: Headers;
  body?: Body;
  /** The request changes nothing, although its method is not GET. */
  isQuestion?: true;
  responses: R;
};

type Received<Params extends Input, Query extends Input, Headers extends Input, Body extends Input> = {
  params: z.output<Params>;
  query: z.output<Query>;
  headers: z.output<Headers>;
  body: z.output<Body>;
};

/** A route whose types have been checked, in the form in which the kit keeps it. */
export type AnyRoute<Principal> = Described<Input, Input, Input, Input, Responses> & {
  access: Permission | 'any-key' | 'anyone' | 'session';
  largeBodies?: LargeBodies<Principal>;
  handle(
    request: Record<string, unknown>,
  ): Promise<{ status: number; body?: unknown; headers?: Record<string, string> }>;
};
