import assert from 'node:assert';
import type { Json, JsonObject, Plan, PlanRequest, PlanStep } from '@toolplane/contracts';
import { planSchema } from '@toolplane/contracts';
import { compileDocument } from '../../compile-document.ts';
import type { CompiledTool, CompileOptions } from '../../compiled-document.ts';

/** The document around the part that a test is about, and the result of compiling it. */
export type Example = {
  steps?: Json[];
  /** Members of the first workflow. */
  workflow?: JsonObject;
  /** Workflows after the first. */
  workflows?: Json[];
  root?: JsonObject;
  source?: JsonObject;
  /** The paths of the OpenAPI document. */
  paths?: JsonObject;
  openapi?: JsonObject;
  options?: Partial<CompileOptions>;
};

export type CompiledExample = {
  /** Each problem as `error code pointer: message`. */
  problems: string[];
  tools: CompiledTool[];
  /** The plan of the first tool. */
  plan: Plan;
};

const ok = { responses: { 200: { description: 'Found' } } };

export function toDefinition({ steps = [{ stepId: 'a', operationId: 'read' }], ...example }: Example): JsonObject {
  return {
    arazzo: '1.1.0',
    info: { title: 'Example', version: '1' },
    sourceDescriptions: [{ name: 'api', url: 'https://api.example.test/openapi.json', ...example.source }],
    workflows: [
      { workflowId: 'main', description: 'Finds what a test looks for.', steps, ...example.workflow },
      ...(example.workflows ?? []),
    ],
    ...example.root,
  };
}

export function toOpenApi({ paths, openapi }: Example): JsonObject {
  return {
    openapi: '3.1.0',
    info: { title: 'API', version: '1' },
    servers: [{ url: 'https://api.example.test/v1' }],
    paths: paths ?? { '/items': { get: { operationId: 'read', ...ok }, post: { operationId: 'write', ...ok } } },
    ...openapi,
  };
}

export function tryCompile(example: Example): Omit<CompiledExample, 'plan'> & { plan?: Plan } {
  const location = 'https://api.example.test/openapi.json';
  const reference = { name: 'api', content: JSON.stringify(toOpenApi(example)), location };
  const { references = [], ...options } = example.options ?? {};
  const { diagnostics, document } = compileDocument(JSON.stringify(toDefinition(example)), {
    workspaceId: 'w',
    serverId: 's',
    secretNames: [],
    allowedHosts: [],
    references: [reference, ...references],
    ...options,
  });
  const problems = diagnostics.map(
    ({ severity, code, pointer, message }) => `${severity} ${code} ${pointer}: ${message}`,
  );
  const tools = document?.tools ?? [];
  for (const { plan } of tools) assert.deepEqual(planSchema.parse(plan), plan);
  return { problems, tools, ...(tools[0] === undefined ? {} : { plan: tools[0].plan }) };
}

/** Compiles an example that has no error. */
export function compile(example: Example): CompiledExample {
  const { plan, ...compiled } = tryCompile(example);
  assert(plan !== undefined, compiled.problems.join('\n'));
  return { ...compiled, plan };
}

export function stepOf(example: Example, index = 0): PlanStep {
  const step = compile(example).plan.steps[index];
  assert(step !== undefined);
  return step;
}

export function requestOf(example: Example): PlanRequest {
  const { request } = stepOf(example);
  assert(request !== undefined);
  return request;
}

/** Omits advice on how tools could be better, and differences from the official schema. */
export function problemsOf(example: Example): string[] {
  const others = / (?:missing_description|vague_description|undocumented_input|outside_schema) /;
  return tryCompile(example).problems.filter((problem) => !others.test(problem));
}

/** Returns only `severity code`. */
export function codesOf(example: Example): string[] {
  return problemsOf(example).map((problem) => problem.split(' ').slice(0, 2).join(' '));
}
