import type { PlanParameter, PlanRequest, PlanStep, UrlTemplate } from '@toolplane/contracts';
import { OpenApiError, type OpenApiOperation } from '../../openapi/model.ts';
import { resolveServer } from '../../openapi/resolve-server.ts';
import type { FoundOperation } from '../sources/find-operation.ts';
import { type CompiledBody, compileBody } from './compile-body.ts';
import { checkMissing, compileParameters } from './compile-parameters.ts';
import type { StepContext, WorkflowContext } from './context.ts';
import { isNamed } from './named-parameter.ts';
import { addCredentials, type SchemeCredentials } from './security.ts';

export type CompiledRequest = { request: PlanRequest; tokens: NonNullable<PlanStep['tokens']> };

/** Compiles the request of an operation. Returns undefined if it has no usable server, which is reported. */
export function compileRequest(
  step: StepContext,
  found: FoundOperation,
  context: WorkflowContext,
): CompiledRequest | undefined {
  const { operation } = found;
  const own = compileParameters(step, operation, context);
  const body = compileBody(step, operation, context);
  const credentials = compileSecurity(step, found, context);
  const parameters = [...own, ...credentials.parameters];
  checkKeyHeader(parameters, step, context);
  checkMissing(parameters, step, operation, context);
  const base = findBase(step, found, context);
  for (const { tokenUrl } of credentials.tokens) checkTokenUrl(tokenUrl, base, found, step, context);
  if (base === undefined) return undefined;
  return {
    request: { ...toRequest(operation, base, parameters, body), ...step.step.idempotency },
    tokens: credentials.tokens,
  };
}

function toRequest(
  operation: OpenApiOperation,
  base: string,
  parameters: PlanParameter[],
  { contentType, ...body }: CompiledBody,
): PlanRequest {
  return {
    method: operation.method,
    url: toUrl(base + operation.path),
    headers: contentType === undefined ? [] : [['content-type', { kind: 'literal', value: contentType }]],
    query: [],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...body,
    ...(operation.statuses.some((status) => /^3(?:\d\d|xx)$/i.test(status)) ? { returnsRedirects: true } : {}),
  };
}

/** Otherwise, the key would be sent instead of a parameter or a credential. */
function checkKeyHeader(parameters: PlanParameter[], { step }: StepContext, { report }: WorkflowContext): void {
  const { idempotencyKey } = step.idempotency;
  if (idempotencyKey === undefined) return;
  if (!parameters.some((each) => isNamed(each, { name: idempotencyKey.header, in: 'header' }))) return;
  const message = `The header ${idempotencyKey.header} has a different value in this step`;
  report('error', step.part.place('x-idempotency-key'), 'duplicate_header', message, 'Keep one of them.', {
    at: 'key',
  });
}

/** Scheme and host come from the OpenAPI document or the server's settings, never from a value of the run. */
function toUrl(text: string): UrlTemplate {
  const parts = text.split(/\{([^{}]+)\}/).map((part, index) => (index % 2 === 0 ? part : { parameter: part }));
  return { kind: 'operation', parts: parts.filter((part) => part !== '') };
}

/**
 * Uses the server of the settings, otherwise that of the source description, otherwise the first of the OpenAPI
 * document.
 */
function findBase(
  { step }: StepContext,
  { source, api, operation }: FoundOperation,
  { document, options: { sourceServers = {} }, report }: WorkflowContext,
): string | undefined {
  const names = document.name === undefined ? [source.name] : [`${document.name}.${source.name}`, source.name];
  const set = names.flatMap((name) => (Object.hasOwn(sourceServers, name) ? [sourceServers[name]] : []))[0];
  const override = set ?? source.server;
  const [server = { url: '/', variables: {} }] = operation.servers;
  try {
    const { serverVariables: variables } = source;
    return resolveServer(server, {
      location: URL.canParse(api.location) ? api.location : '',
      variables,
      ...(override === undefined ? {} : { override }),
    });
  } catch (thrown) {
    if (!(thrown instanceof OpenApiError)) throw thrown;
    const hint = `Set the server of the source "${source.name}", or write x-server: https://… in its description.`;
    report('error', step.target.part, 'unusable_server', thrown.message, hint);
    return undefined;
  }
}

function compileSecurity(
  { step, parameters }: StepContext,
  { source, operation }: FoundOperation,
  { options, report }: WorkflowContext,
): SchemeCredentials {
  const credentials = addCredentials(operation, {
    source,
    given: parameters,
    secretNames: options.secretNames,
  });
  if ('unsupported' in credentials) {
    const names = credentials.unsupported.join(', ');
    const hint =
      'The supported schemes are apiKey, http basic and bearer, oauth2 and openIdConnect, one for each header to send.';
    const message = `The security scheme ${names} of source ${source.name} is not supported`;
    report('error', step.target.part, 'unsupported_security', message, hint);
    return { parameters: [], tokens: [], missing: [] };
  }
  for (const { scheme, secret } of credentials.missing) {
    const user = `security scheme ${scheme} of source ${source.name}`;
    const message = credentials.isOptional
      ? `Without secret ${secret} for ${user}, an operation is sent without credentials`
      : `Secret ${secret} is needed for ${user}`;
    const hint = 'Store it before the first call, or name another one in x-secrets of the source description.';
    report('warn', source.part, 'secret_missing', message, hint);
  }
  return credentials;
}

/** The secret of a client is sent to this URL. If the API itself has no TLS, as in a test, the token URL needs none. */
function checkTokenUrl(
  tokenUrl: string,
  base: string | undefined,
  { source }: FoundOperation,
  { step }: StepContext,
  { report }: WorkflowContext,
): void {
  const protocol = URL.parse(tokenUrl)?.protocol;
  if (protocol === 'https:' || (protocol === 'http:' && base?.startsWith('http:'))) return;
  const message = `The tokenUrl of a security scheme of source ${source.name} is not an https URL: ${tokenUrl.slice(0, 200)}`;
  report('error', step.target.part, 'insecure_token_url', message, 'Correct it in the OpenAPI document.');
}
