import { definedOnly } from '@toolplane/contracts';
import type { CompiledDocument, CompileOptions } from '../compiled-document.ts';
import type { Part } from '../document/part.ts';
import type { Hint, Problems } from '../document/problems.ts';
import { checkTools } from '../ergonomics/check-tools.ts';
import { checkControlFlow } from './check/check-control-flow.ts';
import { checkHosts } from './check/check-hosts.ts';
import { checkInputNames } from './check/check-input-names.ts';
import { checkIds } from './check/check-names.ts';
import { checkPlainTexts } from './check/check-plain-texts.ts';
import { checkReferences } from './check/check-references.ts';
import { checkUris } from './check/check-uris.ts';
import { traceControlFlow } from './check/control-flow.ts';
import { placeTools } from './check/place-tool.ts';
import { toPrompt } from './compile/to-prompt.ts';
import { toResource, toResourceTemplate } from './compile/to-resource.ts';
import { toTool } from './compile/to-tool.ts';
import type { FlowerDocument, Procedure } from './model.ts';
import { readFlower } from './read/read-flower.ts';

/**
 * Compiles Flower 0.1 to plans. The returned function creates them and may be called only if no problem is an error.
 */
export function compileFlower(root: Part, options: CompileOptions): (() => CompiledDocument) | undefined {
  const flower = readFlower(root);
  if (flower === undefined) return undefined;
  checkFlower(flower, options, root.problems);
  return () => toDocument(flower, options);
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
  checkInputNames(procedure);
  checkPlainTexts(procedure);
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
    ...definedOnly({
      prompts: prompts.length === 0 ? undefined : prompts.map((prompt) => toPrompt(prompt, options)),
      resources: plain.length === 0 ? undefined : plain.map((resource) => toResource(resource, options)),
      resourceTemplates:
        templates.length === 0 ? undefined : templates.map((template) => toResourceTemplate(template, options)),
    }),
  };
}
