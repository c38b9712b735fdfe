import { AppError, notValid, ruleOfIssue, toAppError } from '@toolplane/contracts';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { type ZodType, z } from 'zod';
import { type ClientAddress, createClientAddress } from '../client-address.ts';
import type { Logger } from '../logger.ts';
import { type ChangeEnd, createLook, isChange, type RecordChange, type RequestedChange } from './changes.ts';
import { answerError, toViolations } from './error-answer.ts';
import { EventStreamBody, sendEvents } from './event-stream.ts';
import { createBodyReader } from './json-body.ts';
import { JsonText } from './json-text.ts';
import { observeRequests } from './observe-requests.ts';
import { createOpenApiDocument } from './openapi.ts';
import type { AnyRoute, Input, OpenRoute, RequestPrincipal, Responses, Route } from './route.ts';

export type ApiOptions<Principal extends RequestPrincipal> = {
  title: string;
  version: string;
  description: string;
  openApiPath: string;
  logger: Logger;
  /** Runs before anything of a body is read, so that strangers cannot make us parse. Throws an AppError. */
  authenticate(req: Request): Promise<Principal>;
  /** Runs before anything else. Throws an AppError. */
  checkHost?(req: Request): void;
  /** Returns the address of the client. Absent: the peer of the connection. */
  addressOf?: ClientAddress;
  /** Called for each request that is about to change something, before it does. */
  recordChange?: RecordChange<Principal>;
};

export type Api<Principal extends RequestPrincipal> = {
  readonly app: Express;
  /** All registered routes. The API description and the tests iterate over them. */
  readonly routes: AnyRoute<Principal>[];
  readonly authenticate: ApiOptions<Principal>['authenticate'];
  readonly addressOf: ClientAddress;
  recordChange?(change: RequestedChange<Principal>): Promise<(end: ChangeEnd) => Promise<void>>;
};

/** Adds the routes, then the answers for requests that no route handles. */
export function createApi<Principal extends RequestPrincipal>(
  options: ApiOptions<Principal>,
  addRoutes: (api: Api<Principal>) => void,
): Api<Principal> {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(observeRequests(options.logger), helmet(), (req, _res, next) => {
    // A whole URL would name another host than the header, and only the header is checked.
    if (!req.url.startsWith('/')) throw new AppError('invalid_request', 'A request must name a path, not a whole URL');
    options.checkHost?.(req);
    next();
  });
  const { authenticate, addressOf = createClientAddress([]), recordChange } = options;
  const api: Api<Principal> = { app, routes: [], authenticate, addressOf, ...(recordChange && { recordChange }) };
  addRoutes(api);
  // Created on the first request: that takes long, and most processes never receive one.
  let document: ReturnType<typeof createOpenApiDocument> | undefined;
  app.get(options.openApiPath, (_req, res) => {
    document ??= createOpenApiDocument(options, api.routes);
    res.json(document);
  });
  refuseOtherMethods(app, [{ method: 'get', path: options.openApiPath }, ...api.routes]);
  app.use(() => {
    throw new AppError('not_found', 'No such path');
  });
  app.use(answerError(options.logger));
  return api;
}

/** Registers an endpoint: checks the key, then the permission, then strict schemas, and runs the handler. */
export function addRoute<
  Principal extends RequestPrincipal,
  R extends Responses,
  Params extends Input = typeof nothing,
  Query extends Input = typeof nothing,
  Headers extends Input = typeof nothing,
  Body extends Input = typeof nothing,
>(api: Api<Principal>, route: Route<Principal, Params, Query, Headers, Body, R>): void {
  const anyRoute = route as unknown as AnyRoute<Principal>;
  const readBody = createBodyReader(route.largeBodies);
  const handle = recorded(api, anyRoute);
  register(api, anyRoute, async (req, res) => {
    const principal = await api.authenticate(req);
    res.locals.workspaceId = principal.workspaceId;
    if (route.access !== 'any-key' && !principal.permissions.includes(route.access)) {
      throw new AppError('forbidden', `The permission ${route.access} is missing`);
    }
    const body = route.body === undefined ? {} : await readBody(req, res, principal);
    return handle({ principal, ...readInput(anyRoute, req, body) }, api.addressOf(req));
  });
}

/** Registers an endpoint that needs no key: calls `admit`, then checks strict schemas, and runs the handler. */
export function addOpenRoute<
  Principal extends RequestPrincipal,
  Visitor,
  R extends Responses,
  Params extends Input = typeof nothing,
  Query extends Input = typeof nothing,
  Headers extends Input = typeof nothing,
  Body extends Input = typeof nothing,
>(api: Api<Principal>, route: OpenRoute<Visitor, Params, Query, Headers, Body, R>): void {
  const anyRoute = route as unknown as AnyRoute<Principal>;
  const readBody = createBodyReader<Visitor>();
  register(api, anyRoute, async (req, res) => {
    const visitor = await route.admit(req);
    const body = route.body === undefined ? {} : await readBody(req, res, visitor);
    return anyRoute.handle({ visitor, ...readInput(anyRoute, req, body) });
  });
}

const nothing = z.strictObject({});

function refuseOtherMethods(app: Express, routes: { method: string; path: string }[]): void {
  const methodsByPath = Map.groupBy(routes, ({ path }) => toExpressPath(path));
  for (const [path, sharers] of methodsByPath) {
    const allowed = sharers.map(({ method }) => method.toUpperCase()).join(', ');
    app.all(path, (_req, res) => {
      res.set('allow', allowed);
      throw new AppError('method_not_allowed', `This path accepts ${allowed}`);
    });
  }
}

function register<Principal extends RequestPrincipal>(
  api: Api<Principal>,
  route: AnyRoute<Principal>,
  serve: (req: Request, res: Response) => ReturnType<AnyRoute<Principal>['handle']>,
): void {
  const handler: RequestHandler = async (req, res) => {
    // The answer is only for this caller, even if it is a refusal.
    res.set('cache-control', 'no-store');
    await answer(res, route.responses, await serve(req, res));
  };
  api.routes.push(route);
  api.app[route.method](toExpressPath(route.path), handler);
}

function readInput({ params, query, headers, body }: AnyRoute<never>, req: Request, parsedBody: unknown) {
  return parseInput(
    { params, query, headers, body },
    { params: req.params, query: req.query, headers: req.headers, body: parsedBody },
  );
}

/** Runs the handler between the start and the end of recording its change. */
function recorded<Principal extends RequestPrincipal>(api: Api<Principal>, route: AnyRoute<Principal>) {
  const { recordChange, routes } = api;
  if (recordChange === undefined || !isChange(route)) return (request: Handled<Principal>) => route.handle(request);
  let made: ReturnType<typeof createLook<Principal>> | undefined;
  return async (request: Handled<Principal>, address: string) => {
    // By now, all routes have been added.
    made ??= createLook(routes);
    const look = made;
    const { principal } = request;
    const params = (request['params'] ?? {}) as Record<string, string>;
    const lookAt = (named = params) => look(route, { principal, params: named });
    const end = await recordChange({ principal, route, params, address, look: lookAt });
    const reply = await route.handle(request).catch(async (thrown: unknown) => {
      await end({ code: toAppError(thrown).code, look: lookAt });
      throw thrown;
    });
    await end({ status: reply.status, look: (named = params) => look(route, { principal, params: named, reply }) });
    return reply;
  };
}

type Handled<Principal> = Record<string, unknown> & { principal: Principal };

/** Checks every part before it throws, so that one answer lists all violations. */
function parseInput(schemas: Record<string, Input | undefined>, values: Record<string, unknown>) {
  const input: Record<string, unknown> = {};
  const violations = [];
  for (const [part, schema] of Object.entries(schemas)) {
    // Undeclared headers belong to HTTP, so they are not violations.
    if (part === 'headers' && schema === undefined) continue;
    const parsed = (schema ?? nothing).safeParse(values[part], { error: ruleOfIssue });
    if (parsed.success) input[part] = parsed.data;
    else violations.push(...toViolations(part, parsed.error));
  }
  if (violations.length > 0) {
    throw notValid(violations.slice(0, 100));
  }
  return input;
}

async function answer(
  res: Response,
  responses: Responses,
  reply: { status: number; body?: unknown; headers?: Record<string, string> },
): Promise<void> {
  const declared: ZodType | null | undefined = responses[reply.status]?.body;
  res.status(reply.status).set(reply.headers ?? {});
  if (!declared) return void res.end();
  const body = declared.parse(reply.body);
  if (body instanceof EventStreamBody) await sendEvents(res, body);
  else if (body instanceof JsonText) res.type(body.type).send(body.text);
  else res.json(body);
}

function toExpressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
