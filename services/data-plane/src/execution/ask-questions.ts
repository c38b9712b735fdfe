/*
 * The questions that a plan asks the client before its first step. Nothing is stored here between rounds: the answers
 * so far travel in `state`, which the edge seals, so only its form is checked.
 */
import { AppError, type InputRequired, type Json, type JsonObject, jsonSchema, planLimits } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { z } from 'zod';
import { bytesOf } from './answer-size.ts';
import { type Completion, completeStrings } from './complete-strings.ts';
import { maskingBudgetOf } from './evaluation-budget.ts';
import { findOpenQuestions } from './open-questions.ts';
import type { PreparedQuestion } from './prepare-question.ts';
import { readAnswer } from './read-answer.ts';
import { redactorOf, type WorkflowRun } from './run.ts';

const STATE_BYTES_MAX = 64 * 1024;

const stateSchema = z.strictObject({ answers: z.record(z.string(), jsonSchema) });

/** Puts the answers into the scope; returns the questions that must be asked before the steps can run. */
export function askQuestions(workflowRun: WorkflowRun): InputRequired | undefined {
  const { run, scope } = workflowRun;
  const { call, prepared } = run;
  const answers = readState(call.state);
  scope.answers = answers;
  // All rounds are checked first: nobody should answer questions of a plan that cannot ask its last one.
  const rounds = prepared.questions.map((round) => findOpenQuestions(round, answers, call.abilities ?? []));
  let responses = call.inputResponses ?? {};
  for (const round of rounds) {
    if (round.length === 0) continue;
    for (const question of round) {
      const { key } = question;
      if (Object.hasOwn(responses, key)) answers[key] = readAnswer(question, checkSize(responses[key] ?? null));
    }
    checkSize({ answers });
    const unanswered = round.filter(({ key }) => !Object.hasOwn(answers, key));
    if (unanswered.length > 0) return requireInput(workflowRun, unanswered, answers);
    // Responses that come with a call answer one round. Without a state this is the first round, whether or not anybody
    // was asked: MCP lets a client send answers unasked, and it may answer whatever it likes anyway.
    responses = {};
  }
  return undefined;
}

function requireInput(
  { run, scope }: WorkflowRun,
  questions: readonly PreparedQuestion[],
  answers: Record<string, Json>,
): InputRequired {
  const redactor = redactorOf(run);
  const budget = maskingBudgetOf(redactor, tooMuchAsked, planLimits.responseBytesMax);
  const inputRequests = Object.fromEntries(
    questions.map((question) => {
      const params = buildParams(question, scope, { budget, redactor, mayTextBeEmpty: false });
      return [question.key, { method: question.method, params }];
    }),
  );
  return { ok: true, outcome: 'input_required', inputRequests, state: JSON.stringify({ answers }) };
}

function tooMuchAsked(): AppError {
  return new AppError('output_too_large', 'The questions of the tool are far too large');
}

/**
 * Limits one answer before it is read, and all answers together, because they are part of every later request of the
 * client.
 */
function checkSize<Value extends Json>(value: Value): Value {
  if (bytesOf(value) <= STATE_BYTES_MAX) return value;
  throw new AppError('invalid_input_response', `The answers have more than ${STATE_BYTES_MAX} bytes in total`);
}

function buildParams(
  { key, params: evaluate, url }: PreparedQuestion,
  scope: Scope,
  completion: Completion,
): JsonObject {
  const { budget } = completion;
  // The schema of a form is a literal: nothing in it is masked or changed, because the answer must match it.
  const { requestedSchema, ...computed } = evaluate(scope, budget) as JsonObject;
  if (url !== undefined) computed['url'] = completion.redactor.redactText(url(scope, budget));
  const params = completeStrings(computed, `questions/${key}`, completion);
  return requestedSchema === undefined ? params : { ...params, requestedSchema };
}

function readState(text: string | undefined): Record<string, Json> {
  const answers: Record<string, Json> = Object.create(null);
  if (text === undefined) return answers;
  return Object.assign(answers, parseState(text).answers);
}

function parseState(text: string): z.infer<typeof stateSchema> {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    throw new AppError('invalid_input_response', 'The state of the call does not belong to this tool');
  }
}
