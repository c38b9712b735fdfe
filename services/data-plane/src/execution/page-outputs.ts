import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import { bytesOf, checkSize, tooLarge } from './answer-size.ts';
import type { Run } from './run.ts';

/** Index of the item that a page begins with. Nothing but the text that `next_cursor` had is one. */
export function readCursor({ arguments: { cursor } }: Run['call']): number {
  if (cursor === undefined) return 0;
  if (typeof cursor === 'string' && /^(?:0|[1-9]\d{0,8})$/.test(cursor)) return Number(cursor);
  const advice = 'give it the next_cursor of the page before, or leave it out for the first page';
  throw new AppError('invalid_arguments', `The argument cursor is not valid: ${advice}`);
}

/** Leaves of the list what fits beside everything else, and in `next_cursor` where to go on. */
export function cutToPage(run: Run, name: string, outputs: JsonObject, otherBytes: number): void {
  const { plan } = run.prepared;
  const list = outputs[name];
  outputs['next_cursor'] = null;
  if (!Array.isArray(list)) {
    checkSize(plan, bytesOf(outputs) + otherBytes);
    return;
  }
  const start = readCursor(run.call);
  const end = String(list.length);
  // As long as any cursor can be, and as null.
  const cursorBytes = Math.max(bytesOf(end) - bytesOf(null), 0);
  const fixedBytes = bytesOf({ ...outputs, [name]: [] }) + cursorBytes + otherBytes;
  checkSize(plan, fixedBytes);
  const count = countFitting(list, start, plan.outputBytesMax - fixedBytes);
  const next = start + count;
  if (count === 0 && start < list.length) {
    const goOn = next + 1 < list.length ? `; cursor "${next + 1}" goes on after it` : '';
    throw tooLarge(plan, `The item at cursor "${start}" does not fit into ${plan.outputBytesMax} bytes${goOn}`);
  }
  outputs[name] = list.slice(start, next);
  if (next < list.length) outputs['next_cursor'] = String(next);
}

function countFitting(list: Json[], start: number, bytesMax: number): number {
  let bytesLeft = bytesMax;
  for (let index = start; index < list.length; index += 1) {
    const commaBytes = index === start ? 0 : 1;
    bytesLeft -= bytesOf(list[index] ?? null) + commaBytes;
    if (bytesLeft < 0) return index - start;
  }
  return Math.max(list.length - start, 0);
}
