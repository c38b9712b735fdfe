import type { Diagnostic } from '@toolplane/contracts';
import { Part } from '../document/part.ts';
import { Problems } from '../document/problems.ts';
import { readDocument } from '../document/read-document.ts';
import { checkControlFlow } from './check-control-flow.ts';
import { checkErgonomics } from './check-ergonomics.ts';
import { checkHosts } from './check-hosts.ts';
import { checkReferences } from './check-references.ts';
import { traceControlFlow } from './control-flow.ts';
import type { Flow, FlowerDocument } from './model.ts';
import { readFlower } from './read-flower.ts';
import { type CompiledTool, toTool } from './to-tool.ts';

export type CompiledDocument = { id: string; title?: string; description?: string; tools: CompiledTool[] };

export type CompileOptions = {
  workspaceId: string;
  serverId: string;
  /** Secrets that the server has; another name is a warning. */
  secretNames: readonly string[];
  /** `host`, `host:port` or `*.host`. */
  allowedHosts: readonly string[];
};

/** Flower 0.1 to plans. All problems come in one answer; there is a document only when none is an error. */
export function compileFlower(
  source: string,
  options: CompileOptions,
): { diagnostics: Diagnostic[]; document?: CompiledDocument } {
  const { document: positioned, diagnostics: readProblems } = readDocument(source);
  if (positioned === undefined) return { diagnostics: readProblems };
  const problems = new Problems(positioned.positions, readProblems);
  const flower = readFlower(new Part(positioned.value, '', problems));
  if (flower !== undefined) checkFlower(flower, options, problems);
  const diagnostics = problems.toList();
  if (flower === undefined || diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
  const { flows, ...rest } = flower;
  return { diagnostics, document: { ...rest, tools: flows.map((flow) => toTool(flow, options)) } };
}

function checkFlower({ flows }: FlowerDocument, options: CompileOptions, problems: Problems): void {
  checkFlowIds(flows);
  for (const flow of flows) {
    const controlFlow = traceControlFlow(flow);
    checkControlFlow(flow, controlFlow);
    checkReferences({ flow, controlFlow, secretNames: options.secretNames, problems });
    checkHosts(flow, options.allowedHosts);
    checkErgonomics(flow);
  }
}

function checkFlowIds(flows: Flow[]): void {
  const seen = new Map<string, string>();
  for (const { id, part } of flows) {
    const earlier = seen.get(id.toLowerCase());
    if (id !== '' && earlier === id) {
      part.member('id')?.error('duplicate_id', `The flow "${id}" exists twice`, 'Rename one of them.');
    } else if (id !== '' && earlier !== undefined) {
      part.member('id')?.warn('similar_id', `"${id}" and "${earlier}" differ in case only`, 'Rename one of them.');
    }
    seen.set(id.toLowerCase(), id);
  }
}
