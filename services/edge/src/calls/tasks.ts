/*
 * Tasks (MCP extension) are records that every edge can read, and calls that every edge can find: no edge owns a task.
 * Nothing works on a task in the background. Reading a task brings its record up to date. All changes are
 * compare-and-set, so two edges that read at the same time do nothing twice.
 */
import {
  abilityFor,
  capabilitiesFor,
  type FinalOutcome,
  failed,
  type InputRequest,
  type JsonObject,
  type Outcome,
} from '@toolplane/contracts';
import { checkAnswer } from './check-answer.ts';
import { openRequests, type TaskRecord, type TaskStage } from './task-record.ts';
import { startRound, type TaskParts } from './task-round.ts';
import { changeTask, loadTask, type Task, type TaskOwner } from './task-store.ts';

const ROUNDS_MAX = 20;

/** Returns the current state of a task, or undefined if it never existed, has expired or belongs to somebody else. */
export async function findTask(edge: TaskParts, owner: TaskOwner, id: string): Promise<Task | undefined> {
  for (;;) {
    const task = await loadTask(edge, owner, id);
    const current = task && (await bringUpToDate(edge, owner, task));
    if (current !== 'again') return current;
  }
}

/**
 * Stores the answers to a task's questions, and ignores those that belong to no open question. Throws `McpError` for an
 * answer that does not match its question.
 */
export async function answerTask(
  edge: TaskParts,
  owner: TaskOwner,
  id: string,
  responses: Record<string, JsonObject>,
): Promise<Task | undefined> {
  for (;;) {
    const task = await findTask(edge, owner, id);
    const stage = task?.record.stage;
    if (task === undefined || stage?.kind !== 'asking') return task;
    const open = openRequests(stage);
    const wanted = Object.entries(responses).filter(([key]) => Object.hasOwn(open, key));
    if (wanted.length === 0) return task;
    for (const [key, response] of wanted) checkAnswer(key, open[key] as InputRequest, response);
    const answers = { ...stage.answers, ...Object.fromEntries(wanted) };
    await changeTask(edge, task, { stage: { ...stage, answers } });
  }
}

/** Cancels a task and, if possible, its call, including the upstream request. */
export async function cancelTask(edge: TaskParts, owner: TaskOwner, id: string): Promise<Task | undefined> {
  for (;;) {
    const task = await findTask(edge, owner, id);
    if (task === undefined) return undefined;
    const { stage, isCancelled } = task.record;
    if (stage.kind === 'ended') return task;
    if (stage.kind === 'asking') await changeTask(edge, task, { stage: { kind: 'ended', outcome: cancelled() } });
    else if (!isCancelled) await changeTask(edge, task, { isCancelled: true });
    else {
      await edge.calls.cancel(stage.call);
      return task;
    }
  }
}

async function bringUpToDate(edge: TaskParts, owner: TaskOwner, task: Task): Promise<Task | 'again'> {
  const { stage } = task.record;
  if (stage.kind === 'running') {
    const found = await edge.calls.find(stage.call);
    if (found.state === 'pending') return task;
    await changeTask(edge, task, { stage: stageAfter(task.record, found.outcome) });
    return 'again';
  }
  const isAnswered = stage.kind === 'asking' && Object.keys(openRequests(stage)).length === 0;
  return isAnswered ? startRound(edge, owner, task) : task;
}

function stageAfter(record: TaskRecord, outcome: Outcome): TaskStage {
  if (outcome.outcome !== 'input_required') return { kind: 'ended', outcome };
  const { inputRequests, state } = outcome;
  const refusal = refusalOf(record, Object.values(inputRequests).map(abilityFor));
  if (refusal !== undefined) return { kind: 'ended', outcome: refusal };
  return { kind: 'asking', inputRequests, answers: {}, ...(state === undefined ? {} : { state }) };
}

/** Returns the outcome of a task that asks no, or no further, questions. */
function refusalOf(
  { isCancelled, rounds, abilities }: TaskRecord,
  needed: TaskRecord['abilities'],
): FinalOutcome | undefined {
  if (isCancelled) return cancelled();
  if (rounds > ROUNDS_MAX) return failed('not_started', 'loop_limit', `The tool asked more than ${ROUNDS_MAX} times`);
  const missing = needed.find((ability) => !abilities.includes(ability));
  if (missing === undefined) return undefined;
  return failed('not_started', 'client_capability_missing', `The client cannot be asked (${missing})`, {
    details: { requiredCapabilities: capabilitiesFor([missing]) },
  });
}

function cancelled(): FinalOutcome {
  return failed('not_started', 'cancelled', 'The task was cancelled');
}
