import { AppError, type FinalOutcome, type JsonObject, planLimits, succeeded } from '@toolplane/contracts';
import { bytesOf, checkSize } from './answer-size.ts';
import { checkBase64, findBinaryTexts } from './binary-texts.ts';
import { buildOutputs } from './build-outputs.ts';
import { completeList } from './complete-strings.ts';
import { cutToPage } from './page-outputs.ts';
import { type Run, redactorOf } from './run.ts';

/** All that leaves a run that went well: its outputs and its content, within their limits and without secrets. */
export function buildAnswer(run: Run): FinalOutcome {
  const { prepared, scope } = run;
  const { plan } = prepared;
  const outputs = buildOutputs(prepared.outputs, scope);
  const content = prepared.content === undefined ? undefined : completeList(prepared.content(scope), 'content');
  const contentBytes = content === undefined ? 0 : measureText(content);
  if (plan.pagedOutput === undefined) checkSize(plan, bytesOf(outputs) + contentBytes);
  else cutToPage(run, plan.pagedOutput, outputs, contentBytes);
  const redactor = redactorOf(run);
  if (content === undefined) return succeeded(redactor.redact(outputs));
  const redacted = redactor.redact(content) as JsonObject[];
  for (const text of findInAll(redacted)) checkBase64(text);
  return succeeded(redactor.redact(outputs), redacted);
}

/** A picture is no text that a model has to read: base64 has the limit of an upstream's answer, which it came from. */
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
