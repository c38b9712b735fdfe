import type { Json, JsonObject } from '@toolplane/contracts';
import { Part } from '../../document/part.ts';
import { Problems } from '../../document/problems.ts';
import { readDocument } from '../../document/read-document.ts';
import { checkArazzo } from '../check/check-arazzo.ts';
import type { ArazzoDocument } from '../model.ts';
import { readArazzo } from './read-arazzo.ts';

/** The smallest document, for tests that change it in one place. */
export const exampleStep = { stepId: 'one', operationId: 'getPets' };
export const exampleWorkflow = { workflowId: 'main', steps: [exampleStep] };

export function exampleDocument(changed: JsonObject = {}): JsonObject {
  return {
    arazzo: '1.1.0',
    info: { title: 'Pets', version: '1' },
    sourceDescriptions: [{ name: 'pets', url: './pets.yaml', type: 'openapi' }],
    workflows: [exampleWorkflow],
    ...changed,
  };
}

/** Returns the document with its workflow changed. */
export function withWorkflow(changed: JsonObject, document: JsonObject = {}): JsonObject {
  return exampleDocument({ workflows: [{ ...exampleWorkflow, ...changed }], ...document });
}

/** Returns the document with its step changed. */
export function withStep(changed: JsonObject, document: JsonObject = {}): JsonObject {
  return withWorkflow({ steps: [{ ...exampleStep, ...changed }] }, document);
}

/** Errors and warnings are listed as `code pointer`. */
export function read(
  source: Json,
  { location = 'https://example.com/docs/pets.arazzo.yaml' } = {},
): { document?: ArazzoDocument; errors: string[]; warnings: string[]; problems: Problems } {
  return readWith(source, location, () => {});
}

export function readAndCheck(source: Json): ReturnType<typeof read> {
  return readWith(source, 'https://example.com/docs/pets.arazzo.yaml', checkArazzo);
}

function readWith(source: Json, location: string, check: (document: ArazzoDocument) => void): ReturnType<typeof read> {
  const text = typeof source === 'string' ? source : JSON.stringify(source);
  const { document: positioned, diagnostics } = readDocument(text);
  if (positioned === undefined) throw new Error(`The text cannot be read: ${diagnostics[0]?.message}`);
  const problems = new Problems(positioned.positions, diagnostics);
  const document = readArazzo(new Part(positioned.value, '', problems), { location });
  if (document !== undefined) check(document);
  const linesOf = (severity: string) =>
    problems
      .toList()
      .filter((each) => each.severity === severity)
      .map(({ code, pointer }) => `${code} ${pointer}`);
  return {
    errors: linesOf('error'),
    warnings: linesOf('warning'),
    problems,
    ...(document === undefined ? {} : { document }),
  };
}
