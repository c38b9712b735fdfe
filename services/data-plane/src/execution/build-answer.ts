import { AppError, type FinalOutcome, type JsonObject, planLimits, succeeded } from '@toolplane/contracts';
import type { Budget } from '@toolplane/expressions';
import { bytesOf, checkSize, farTooLarge } from './answer-size.ts';
import { checkBase64, findBinaryTexts } from './binary-texts.ts';
import { buildOutputs } from './build-outputs.ts';
import { completeList } from './complete-strings.ts';
import { budgetOf, maskingBudgetOf } from './evaluation-budget.ts';
import { cutToPage } from './page-outputs.ts';
import type { Redactor } from './redact.ts';
import { redactorOf, type WorkflowRun } from './run.ts';

/**
 * Builds everything that leaves a successful run: its outputs and its content, without secrets and, in the form in
 * which they are sent, within their limits.
 */
export function buildAnswer(workflowRun: WorkflowRun): FinalOutcome {
  const { run } = workflowRun;
  const { plan } = run.prepared;
  const redactor = redactorOf(run);
  const budget = maskingBudgetOf(redactor, () => farTooLarge(plan));
  const outputs = buildMaskedOutputs(workflowRun, budget);
  const content = buildContent(workflowRun, budget, redactor);
  const contentBytes = content === undefined ? 0 : measureText(content);
  if (plan.pagedOutput !== undefined) cutToPage(run, plan.pagedOutput, outputs, contentBytes, { budget, redactor });
  else checkSize(plan, bytesOf(outputs) + contentBytes);
  if (content === undefined) return succeeded(outputs);
  for (const text of findInAll(content)) checkBase64(text);
  // A tool that declares only content has no structured result, rather than an empty one.
  return succeeded(workflowRun.workflow.outputs.length === 0 ? null : outputs, content);
}

/**
 * Builds all outputs and masks them, except for the paged output: only the items of one page of it need to be masked.
 */
function buildMaskedOutputs({ run: { prepared }, workflow, scope }: WorkflowRun, budget: Budget): JsonObject {
  const { plan } = prepared;
  const outputs: JsonObject = Object.create(null);
  for (const template of workflow.outputs) {
    const isPaged = template[0] === plan.pagedOutput;
    const outputBudget = isPaged ? budgetOf(() => farTooLarge(plan)) : budget;
    buildOutputs([template], scope, outputBudget, { leavesOutAbsent: prepared.leavesOutAbsent, outputs });
  }
  return outputs;
}

function buildContent(
  { run: { prepared }, scope }: WorkflowRun,
  budget: Budget,
  redactor: Redactor,
): JsonObject[] | undefined {
  if (prepared.content === undefined) return undefined;
  return completeList(prepared.content(scope, budget), 'content', { budget, redactor, mayTextBeEmpty: true });
}

/**
 * Returns the bytes of the content without base64, because a model does not read a picture as text. Base64 is limited
 * like a response of the upstream that it came from.
 */
function measureText(content: JsonObject[]): number {
  const binaryBytes = findInAll(content).reduce((sum, { text }) => sum + text.length, 0);
  if (binaryBytes > planLimits.responseBytesMax) {
    const limit = planLimits.responseBytesMax;
    throw new AppError('output_too_large', `The base64 in the content has ${binaryBytes} bytes; the limit is ${limit}`);
  }
  return bytesOf(content) - binaryBytes;
}

function findInAll(content: JsonObject[]) {
  return content.flatMap((block, index) => findBinaryTexts(block, `content/${index}`));
}
