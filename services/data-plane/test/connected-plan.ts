import {
  type ConnectionAuthentication,
  type ConnectionRateLimit,
  type CredentialRef,
  type CredentialScope,
  type Plan,
  type PlanPagination,
  type PlanRequest,
  type PlanStep,
  planSchema,
  type Template,
} from '@toolplane/contracts';
import { planOf, templateOf } from './plan.ts';

type Place = Record<string, string>;

/** A plan with one step, `s`, whose response is the output `result`. Texts name secrets as `{key}`. */
export type ConnectedPlan = {
  url: string;
  method?: PlanRequest['method'];
  headers?: Place;
  query?: Place;
  authentication?: Partial<ConnectionAuthentication> | 'none';
  rateLimits?: ConnectionRateLimit[];
  pagination?: PlanPagination;
  usersOf?: string;
  instanceName?: string;
  step?: Partial<PlanStep>;
  plan?: Partial<Plan>;
};

const connector = { ownerId: 'ws', instanceId: 'coi_1' };

export function connectedPlan({
  url,
  authentication = {},
  rateLimits,
  pagination,
  usersOf,
  instanceName,
  ...rest
}: ConnectedPlan): Plan {
  const plan = planOf([{ id: 's', url, ...(rest.method === undefined ? {} : { method: rest.method }) }], {
    result: '$steps.s.response.body',
  });
  const [step] = plan.steps;
  const request = { ...step?.request, headers: namedOf(rest.headers), query: namedOf(rest.query) };
  return planSchema.parse({
    ...plan,
    ...rest.plan,
    steps: [{ ...step, request, failure: SUCCEEDS, ...rest.step, ...(pagination === undefined ? {} : { pagination }) }],
    connection: {
      ...connector,
      connector: 'tickets',
      ...(usersOf === undefined ? {} : { usersOf }),
      ...(instanceName === undefined ? {} : { instanceName }),
      ...(rateLimits === undefined ? {} : { rateLimits }),
      ...(authentication === 'none' ? {} : { authentication: { id: 'main', fields: [], ...authentication } }),
    },
  });
}

const SUCCEEDS: PlanStep['failure'] = {
  succeeds: {
    kind: 'and',
    of: [
      { kind: 'compare', operator: '>=', left: statusOf(), right: { kind: 'literal', value: 200 } },
      { kind: 'compare', operator: '<', left: statusOf(), right: { kind: 'literal', value: 300 } },
    ],
  },
  actions: [],
};

function statusOf() {
  return { kind: 'reference' as const, path: ['response', 'status'] };
}

function namedOf(texts: Place = {}): [string, Template][] {
  return Object.entries(texts).map(([name, text]) => [name, secretText(text)]);
}

/** Converts a text such as `Bearer {key}` to a template in which `{key}` is `$secrets.key`. */
function secretText(text: string): Template {
  const parts = text.split(/\{([^}]+)\}/).map((part, index) => (index % 2 === 0 ? part : { path: ['secrets', part] }));
  return { kind: 'text', parts };
}

export function field(key: string, rest: Partial<ConnectionAuthentication['fields'][number]> = {}) {
  return { key, isSecret: true, isRequired: true, ...rest };
}

/** A reference to credentials of the instance of `connector`. */
export function refOf(scope: CredentialScope, subject?: string): CredentialRef {
  return { ...connector, scope, ...(subject === undefined ? {} : { subject }) };
}

/** A request that a chain sends, with the values to extract. */
export function chainStep(
  request: Omit<Partial<PlanRequest>, 'url' | 'headers' | 'body'> & { url: string; headers?: Place; body?: Place },
  extract: Record<string, string>,
) {
  const { url, headers, body, ...rest } = request;
  return {
    request: {
      method: 'POST' as const,
      query: [],
      ...rest,
      url: { kind: 'parts' as const, parts: [url] },
      headers: namedOf(headers),
      ...(body === undefined ? {} : { body: { kind: 'map' as const, entries: namedOf(body) } }),
    },
    extract: Object.entries(extract).map(([name, path]): [string, Template] => [
      name,
      templateOf(`$response.body.${path}`),
    ]),
  };
}
