import { AppError, type Json, type JsonObject, planLimits } from '@toolplane/contracts';
import { sizeUpTo } from '@toolplane/expressions';
import { bytesOf, checkSize, tooLarge } from './answer-size.ts';
import type { MaskingBudget } from './evaluation-budget.ts';
import type { Redactor } from './redact.ts';
import type { Run } from './run.ts';

/** The limit of an item before masking, which can make the item smaller. */
const ITEM_SIZE_MAX = planLimits.responseBytesMax;

/** Returns the index of the item that a page begins with. Only the exact text that `next_cursor` had is accepted. */
export function readCursor({ arguments: { cursor } }: Run['call']): number {
  if (cursor === undefined) return 0;
  if (typeof cursor === 'string' && /^(?:0|[1-9]\d{0,8})$/.test(cursor)) return Number(cursor);
  const advice = 'pass the next_cursor of the previous page, or omit it for the first page';
  throw new AppError('invalid_arguments', `The argument cursor is not valid: ${advice}`);
}

/**
 * Keeps in the list the items that fit next to everything else, and sets `next_cursor` to the position of the next
 * page. The remaining items are masked: a mask can be longer than what it replaces, so the masked item must fit.
 */
export function cutToPage(
  run: Run,
  name: string,
  outputs: JsonObject,
  otherBytes: number,
  { budget, redactor }: { budget: MaskingBudget; redactor: Redactor },
): void {
  const { plan } = run.prepared;
  const list = outputs[name] ?? null;
  outputs['next_cursor'] = null;
  if (!Array.isArray(list)) {
    if (name in outputs) outputs[name] = budget.admit(list);
    checkSize(plan, bytesOf(outputs) + otherBytes);
    return;
  }
  const start = readCursor(run.call);
  const end = String(list.length);
  // Reserves space for the longest possible cursor, and for null.
  const cursorBytes = Math.max(bytesOf(end) - bytesOf(null), 0);
  const fixedBytes = bytesOf({ ...outputs, [name]: [] }) + cursorBytes + otherBytes;
  checkSize(plan, fixedBytes);
  const items = listFitting(list, start, plan.outputBytesMax - fixedBytes, redactor);
  const next = start + items.length;
  if (items.length === 0 && start < list.length) {
    const continues = next + 1 < list.length ? `; cursor "${next + 1}" continues after it` : '';
    throw tooLarge(plan, `The item at cursor "${start}" does not fit into ${plan.outputBytesMax} bytes${continues}`);
  }
  outputs[name] = items;
  if (next < list.length) outputs['next_cursor'] = String(next);
}

function listFitting(list: Json[], start: number, bytesMax: number, { redact }: Redactor): Json[] {
  const fitting: Json[] = [];
  let bytesLeft = bytesMax;
  for (let index = start; index < list.length; index += 1) {
    const item = list[index] ?? null;
    // Such an item is neither masked nor serialised: it can be as large as many responses of upstreams.
    if (sizeUpTo(item, ITEM_SIZE_MAX) > ITEM_SIZE_MAX) break;
    const masked = redact(item);
    const commaBytes = index === start ? 0 : 1;
    bytesLeft -= bytesOf(masked) + commaBytes;
    if (bytesLeft < 0) break;
    fitting.push(masked);
  }
  return fitting;
}
