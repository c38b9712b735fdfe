import type { PlanParameter, PlanRequest, Template, UrlTemplate } from '@toolplane/contracts';
import type { CredentialTemplates } from '../descriptor/credential-templates.ts';
import type { RouteMapping } from '../descriptor/mcp-config-schema.ts';
import type { Operation, Parameter } from '../descriptor/operation-schema.ts';
import { isDeep } from '../descriptor/parameter-type.ts';
import { wireName } from '../descriptor/wire-name.ts';
import { type FilledPart, fillConfiguration, type InstanceConfiguration } from './fill-configuration.ts';
import { toBody } from './to-body.ts';
import { inputName } from './to-input-schema.ts';
import { toTemplate } from './to-template.ts';

type Given = { mapping: RouteMapping; credentials: CredentialTemplates; configuration: InstanceConfiguration };

/** Throws `ConfigurationError`. */
export function toRequest(operation: Operation, { mapping, credentials, configuration }: Given): PlanRequest {
  const write = (parameter: Parameter) => toValue(parameter, mapping);
  const parameters = operation.parameters.flatMap((parameter) => toParameter(parameter, write(parameter)));
  const { content_type: contentType } = operation;
  const body = toBody(operation, write);
  const isTyped = body.body !== undefined && contentType !== undefined;
  return {
    method: operation.method,
    url: toUrl(fillConfiguration(operation.endpoint, configuration)),
    headers: [
      ...(isTyped ? [['content-type', { kind: 'literal', value: contentType }] as [string, Template]] : []),
      ...toTemplates(credentials.headers),
    ],
    query: toTemplates(credentials.query),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...body,
  };
}

export function toTemplates(entries: [string, string][]): [string, Template][] {
  return entries.map(([name, text]) => [name, toTemplate(text)]);
}

function toUrl(parts: FilledPart[]): UrlTemplate {
  return { kind: 'operation', parts: parts.map((part) => (typeof part === 'string' ? part : { parameter: part.key })) };
}

function toValue(parameter: Parameter, mapping: RouteMapping): Template {
  if (parameter.hidden) return { kind: 'literal', value: parameter.default_value ?? null };
  return { kind: 'reference', path: ['inputs', inputName(parameter, mapping)] };
}

function toParameter(parameter: Parameter, value: Template): PlanParameter[] {
  const { location, required } = parameter;
  if (location === 'body') return [];
  const isRequired = location === 'path' || required === true;
  return [
    {
      name: wireName(parameter),
      in: location,
      ...writingOf(parameter),
      ...(isRequired ? { required: true } : {}),
      value,
    },
  ];
}

/** An object in a query is written as `name[key]`: its members alone could be any parameter of the request. */
function writingOf(parameter: Parameter): Pick<PlanParameter, 'style' | 'explode'> {
  if (parameter.location !== 'query') return { style: 'simple', explode: false };
  if (isDeep(parameter)) return { style: 'deepObject', explode: true };
  return { style: 'form', explode: parameter.style !== 'comma' };
}
