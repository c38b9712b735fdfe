import type { CompiledDocument, CompileOptions } from '../compiled-document.ts';
import type { Part } from '../document/part.ts';
import { checkTools } from '../ergonomics/check-tools.ts';
import { checkPageReads } from '../tools/read-output-budget.ts';
import { checkArazzo } from './check/check-arazzo.ts';
import { checkSourceServers } from './check/check-source-servers.ts';
import { checkDependencies } from './compile/check-dependencies.ts';
import { checkRetries } from './compile/check-retries.ts';
import { checkSourceSettings } from './compile/check-source-settings.ts';
import { checkUses } from './compile/check-uses.ts';
import { compileWorkflow } from './compile/compile-workflow.ts';
import { type WorkflowEntry, WorkflowTable } from './compile/context.ts';
import { type CompiledWorkflow, listReachable } from './compile/link-plan.ts';
import { placeTools } from './compile/place-tools.ts';
import { createReport } from './compile/report.ts';
import { toTool } from './compile/to-tool.ts';
import type { ArazzoDocument, Workflow } from './model.ts';
import { readArazzo } from './read/read-arazzo.ts';
import { type LoadedSources, loadSources } from './sources/load-sources.ts';

const PLANNED_STEPS_MAX = 10_000;

/**
 * Compiles Arazzo 1.0 and 1.1 to plans. Reports all problems of the document and of the parts of its sources that it
 * uses. The returned function creates the plans and may be called only if none of the problems is an error.
 */
export function compileArazzo(
  root: Part,
  definition: string,
  options: CompileOptions,
): (() => CompiledDocument) | undefined {
  const document = readArazzo(root, { location: '' });
  if (document === undefined) return undefined;
  const { references = [], unavailable = {} } = options;
  const sources = loadSources(document, references, { definition, unavailable });
  const table = new WorkflowTable(createReport(), listTrusted(document, sources));
  const context = table.contextOf({ document, sources, options });
  const own = document.workflows.map((workflow) => table.entryOf(workflow, context));
  const compiled: CompiledWorkflow[] = [];
  for (const entry of table.entries) compiled.push(compileWorkflow(entry));
  checkDependencies(table.entries, compiled);
  checkRetries(table.entries, compiled);
  checkUses(table, compiled);
  checkSourceServers(root, options.sourceServers ?? {}, document, sources);
  checkSourceSettings(compiled);
  checkDocuments(table);
  const tools = own.filter(({ workflow }) => workflow.isTool);
  checkPlanSizes(tools, compiled, root);
  for (const tool of tools) checkPages(tool, compiled);
  checkTools(placeTools(tools.map(({ workflow }) => workflow)), options, (code, message, hint) => {
    root.problems.warn(code, '/workflows', message, hint, { at: 'key' });
  });
  return () => toDocument(document, tools, compiled);
}

/** Lists the documents that may see the caller's data: the deployed document and those that it declares as trusted. */
function listTrusted(deployed: ArazzoDocument, sources: LoadedSources): Set<ArazzoDocument> {
  const trusted = deployed.sources.flatMap(({ name, isTrusted }) => {
    const source = isTrusted ? sources.get(name) : undefined;
    return source?.kind === 'arazzo' ? [source.document] : [];
  });
  return new Set([deployed, ...trusted]);
}

/** A plan contains all workflows that its tool can reach, so a workflow that many tools call is in many plans. */
function checkPlanSizes(tools: WorkflowEntry[], compiled: readonly CompiledWorkflow[], root: Part): void {
  const stepsOf = (index: number) => compiled[index]?.workflow.steps.length ?? 0;
  const count = tools
    .flatMap(({ index }) => [index, ...(compiled[index] ? listReachable(compiled[index], compiled) : [])])
    .reduce((sum, index) => sum + stepsOf(index), 0);
  if (count <= PLANNED_STEPS_MAX) return;
  const message = `With the workflows that they call, the tools have ${count} steps; the limit is ${PLANNED_STEPS_MAX}`;
  const hint = 'Write x-mcp-expose: false in workflows that only other workflows call, or split the document.';
  root.problems.error('too_many_steps', '/workflows', message, hint, { at: 'key' });
}

/** Checks that a paged tool, with all workflows that it can reach, only reads. */
function checkPages({ workflow: { part }, index }: WorkflowEntry, compiled: readonly CompiledWorkflow[]): void {
  const page = part.member('x-output')?.member('page');
  const main = compiled[index];
  if (page === undefined || main === undefined) return;
  const all = [main, ...[...listReachable(main, compiled)].flatMap((each) => compiled[each] ?? [])];
  const steps = all.flatMap(({ workflow }) => workflow.steps);
  checkPageReads(
    page,
    'workflow',
    steps.flatMap(({ request }) => request ?? []),
  );
}

/** Checks every document, but of the documents of sources only the workflows that are used. */
function checkDocuments(table: WorkflowTable): void {
  const used = new Map<ArazzoDocument, Workflow[]>();
  for (const { workflow, context } of table.entries) {
    const { document } = context;
    used.set(document, [...(used.get(document) ?? []), workflow]);
  }
  for (const [document, workflows] of used) checkArazzo(document, workflows);
}

function toDocument(
  { title, summary, description }: ArazzoDocument,
  tools: WorkflowEntry[],
  compiled: readonly CompiledWorkflow[],
): CompiledDocument {
  const said = [summary, description].filter((text) => text !== undefined).join('\n\n');
  return {
    id: toId(title),
    title,
    ...(said === '' ? {} : { description: said }),
    tools: tools.map((entry) => toTool(entry, compiled)),
  };
}

/** Derives an id from the title, because Arazzo documents have no id. */
function toId(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, 64) || 'arazzo';
}
