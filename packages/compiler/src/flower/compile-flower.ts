import type { Diagnostic } from '@toolplane/contracts';
import { Part } from '../document/part.ts';
import { type Hint, Problems } from '../document/problems.ts';
import { readDocument } from '../document/read-document.ts';
import { withinTime } from '../document/within-time.ts';
import { type Audience, checkTools } from '../ergonomics/check-tools.ts';
import { checkControlFlow } from './check/check-control-flow.ts';
import { checkHosts } from './check/check-hosts.ts';
import { checkIds } from './check/check-names.ts';
import { checkReferences } from './check/check-references.ts';
import { checkUris } from './check/check-uris.ts';
import { traceControlFlow } from './check/control-flow.ts';
import { placeTools } from './check/place-tool.ts';
import { type CompiledPrompt, toPrompt } from './compile/to-prompt.ts';
import {
  type CompiledResource,
  type CompiledResourceTemplate,
  toResource,
  toResourceTemplate,
} from './compile/to-resource.ts';
import { type CompiledTool, toTool } from './compile/to-tool.ts';
import type { FlowerDocument, Procedure } from './model.ts';
import { readFlower } from './read/read-flower.ts';

export type CompiledDocument = {
  id: string;
  title?: string;
  description?: string;
  tools: CompiledTool[];
  /** These are absent when there are none, as in documents compiled before they existed. */
  prompts?: CompiledPrompt[];
  resources?: CompiledResource[];
  resourceTemplates?: CompiledResourceTemplate[];
};

export type CompileOptions = Audience & {
  workspaceId: string;
  serverId: string;
  /** Secrets that the server has; another name is a warning. */
  secretNames: readonly string[];
  /** `host`, `host:port` or `*.host`. */
  allowedHosts: readonly string[];
};

/** Every part has limits of its own; this is for what they let through together. */
const COMPILE_MS_MAX = 3000;

/** Flower 0.1 to plans. All problems come in one answer; there is a document only when none is an error. */
export function compileFlower(
  source: string,
  options: CompileOptions,
): { diagnostics: Diagnostic[]; document?: CompiledDocument } {
  const { document: positioned, diagnostics: readProblems } = readDocument(source);
  if (positioned === undefined) return { diagnostics: readProblems };
  const problems = new Problems(positioned.positions, readProblems);
  const read = withinTime(COMPILE_MS_MAX, () => {
    const flower = readFlower(new Part(positioned.value, '', problems));
    if (flower !== undefined) checkFlower(flower, options, problems);
    return { flower };
  });
  if (read === undefined) {
    const message = `The document takes more than ${COMPILE_MS_MAX / 1000} seconds to check`;
    problems.error('document_too_complex', '', message, 'Simplify or split the document.');
  }
  const flower = read?.flower;
  const diagnostics = problems.toList();
  if (flower === undefined || diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
  return { diagnostics, document: toDocument(flower, options) };
}

function checkFlower({ flows, prompts, resources }: FlowerDocument, options: CompileOptions, problems: Problems): void {
  checkIds(flows);
  checkIds(prompts);
  checkUris(resources);
  for (const procedure of [...flows, ...prompts, ...resources]) checkProcedure(procedure, options, problems);
  checkTools(placeTools(flows), options, (...problem) => warnOfFlows(problems, ...problem));
}

function warnOfFlows(problems: Problems, code: string, message: string, hint: Hint): void {
  problems.warn(code, '/flows', message, hint, { at: 'key' });
}

function checkProcedure(procedure: Procedure, options: CompileOptions, problems: Problems): void {
  const controlFlow = traceControlFlow(procedure);
  checkControlFlow(procedure, controlFlow);
  checkReferences({ procedure, controlFlow, secretNames: options.secretNames, problems });
  checkHosts(procedure, options.allowedHosts);
}

function toDocument({ flows, prompts, resources, ...rest }: FlowerDocument, options: CompileOptions): CompiledDocument {
  const [templates, plain] = [
    resources.filter((each) => each.isTemplate),
    resources.filter((each) => !each.isTemplate),
  ];
  return {
    ...rest,
    tools: flows.map((flow) => toTool(flow, options)),
    ...(prompts.length === 0 ? {} : { prompts: prompts.map((prompt) => toPrompt(prompt, options)) }),
    ...(plain.length === 0 ? {} : { resources: plain.map((resource) => toResource(resource, options)) }),
    ...(templates.length === 0
      ? {}
      : { resourceTemplates: templates.map((template) => toResourceTemplate(template, options)) }),
  };
}
