import type { FoundReference } from '@toolplane/expressions';
import { suggestName } from '../../document/suggest-name.ts';
import type { Question } from '../model.ts';
import type { ReferenceContext, ReferenceLocation } from './reference-context.ts';

/** Checks `$answers.<key>`, the client's answer, which steps, outputs, content and later rounds can use. */
export function checkAnswer(
  reference: FoundReference,
  location: ReferenceLocation,
  { procedure, report }: ReferenceContext,
): void {
  const { path, text } = reference;
  const { rounds, noun } = procedure;
  const [, key, ...deeper] = path;
  const keys = rounds.flat().map((question) => question.key);
  const round = rounds.findIndex((questions) => questions.some((question) => question.key === key));
  if (rounds.length === 0) {
    report('error', 'unknown_answer', `${text} does not name an answer: this ${noun} asks no questions`, 'Add x-ask.');
  } else if (key !== undefined && round < 0) {
    const hint = suggestName(key, keys, `Questions of this ${noun}`);
    report('error', 'unknown_answer', `The ${noun} does not ask "${key}"`, hint);
  } else if (location.kind === 'question' && round >= location.round) {
    const hint = 'Ask it in an earlier round: write x-ask as a list.';
    report('error', 'answer_not_known', `"${key}" has no answer yet when this is asked`, hint);
  }
  const question = rounds[round]?.find((each) => each.key === key);
  if (question !== undefined) checkMember(deeper, question, report);
}

function checkMember([name, field]: string[], question: Question, report: ReferenceContext['report']): void {
  if (name === undefined || name === '_meta') return;
  const names = question.members.map((member) => member.name);
  const member = question.members.find((each) => each.name === name);
  if (member === undefined) {
    const hint = suggestName(name, names, 'It has');
    report('error', 'unknown_answer_member', `The answer to "${question.key}" has no "${name}"`, hint);
  } else if (field !== undefined && member.fields !== undefined && !member.fields.includes(field)) {
    const hint = suggestName(field, member.fields, 'Its form has');
    report('error', 'unknown_answer_member', `The form of "${question.key}" has no "${field}"`, hint);
  }
}
