import { describe, expect, test } from '@jest/globals';
import { type FinalOutcome, failed, succeeded } from '@toolplane/contracts';
import { toToolResult } from './tool-result.ts';

function resultOf(outcome: FinalOutcome, traceId?: string) {
  const { members, meta } = toToolResult({ outcome, traceId });
  return { ...JSON.parse(`{${members}}`), ...(meta === undefined ? {} : { _meta: meta }) };
}

describe('a tool result', () => {
  test('carries the outputs as structured content and as the same JSON in text', () => {
    expect(resultOf(succeeded({ status: 'open', owner: null }))).toEqual({
      content: [{ type: 'text', text: '{"status":"open","owner":null}' }],
      structuredContent: { status: 'open', owner: null },
    });
  });

  test('has the content blocks that a tool declares, and its outputs in addition when there are any', () => {
    const content = [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }];
    expect(resultOf(succeeded(null, content))).toEqual({ content });
    // An empty object may be all that an output schema requires.
    expect(resultOf(succeeded({}, content))).toEqual({ content, structuredContent: {} });
    expect(resultOf(succeeded({ width: 1 }, content))).toEqual({ content, structuredContent: { width: 1 } });
  });

  test('of an external tool that reports its own failure is the text of that tool, marked as an error', () => {
    const content = [{ type: 'text', text: 'No such guest' }];
    expect(resultOf({ ok: true, outcome: 'done', value: null, content, isError: true })).toEqual({
      content,
      isError: true,
    });
    expect(resultOf({ ok: true, outcome: 'done', value: { guest: null }, content, isError: true })).toEqual({
      content,
      structuredContent: { guest: null },
      isError: true,
    });
  });

  test('says in text and in fields that an unknown outcome must be checked', () => {
    const result = resultOf(failed('unknown', 'worker_lost', 'The worker ended', { stepId: 'book' }));
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toEqual({
      code: 'worker_lost',
      message: 'The worker ended',
      outcome: 'unknown',
      step_id: 'book',
    });
    expect(result.content[0]?.text).toMatch(/^worker_lost: The worker ended \(step book\)\. .*check before you repeat/);
  });

  test.each([
    ['Seat 12 is taken', 'Seat 12 is taken.'],
    ['Seat 12 is taken.', 'Seat 12 is taken.'],
    ['Take another seat!', 'Take another seat!'],
  ])('ends as one sentence, however the API ended its message: %s', (said, ending) => {
    const { content } = resultOf(failed('done', 'step_failed', `The API answered with status 409: ${said}`));
    expect(content[0]?.text).toBe(`step_failed: The API answered with status 409: ${ending}`);
  });

  test('says that a call with an unknown outcome may be repeated if the tool only reads', () => {
    const failure = failed('unknown', 'upstream_timeout', 'No answer in time');
    const { members } = toToolResult({ outcome: failure, traceId: undefined }, { isRepeatable: true });
    expect(members).toContain('it does no harm to repeat it');
  });

  test('says when a refused call may be sent again', () => {
    const result = resultOf(failed('not_started', 'tenant_busy', 'Too many calls', { retryAfterMs: 1500 }));
    expect(result.content[0]?.text).toContain('Nothing was executed. Try again in 2 s.');
    expect(result.structuredContent).toMatchObject({
      outcome: 'not_started',
      retry_after_ms: 1500,
      retry_after_seconds: 2,
    });
  });

  test('says when an upstream that is rate limiting may be called again', () => {
    const busy = { retryAfterMs: 30_000, status: 429 };
    const result = resultOf(failed('done', 'no_action_matched', 'The upstream answered with status 429', busy));
    expect(result.content[0]?.text).toMatch(/status 429\. Try again in 30 s\.$/);
  });

  test('of a failed call names its trace, for the operator', () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    expect(resultOf(failed('done', 'loop_limit', 'Too many steps'), traceId)._meta).toEqual({
      'io.toolplane/traceId': traceId,
    });
    expect(resultOf(succeeded({}), traceId)._meta).toBeUndefined();
  });
});
