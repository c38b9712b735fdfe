import type { InputRequest, Outcome, ToolCall } from '@toolplane/contracts';
import { succeeded } from '@toolplane/contracts';
import type { TestEdge } from './test-edge.ts';

export const form: InputRequest = {
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message: 'Sure?',
    requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } } },
  },
};
export const accepted = { action: 'accept', content: { ok: true } };

/** Makes the data plane act for a plan that asks round by round and then returns the answers. */
export function askFor(edge: TestEdge, ...rounds: Record<string, InputRequest>[]): void {
  edge.handle = async ({ body }): Promise<Outcome> => {
    const { inputResponses = {}, state = '{}' } = body as ToolCall;
    const answers = { ...JSON.parse(state), ...inputResponses };
    const open = rounds.find((round) => Object.keys(round).some((key) => !(key in answers)));
    if (open === undefined) return succeeded({ answers });
    return { ok: true, outcome: 'input_required', inputRequests: open, state: JSON.stringify(answers) };
  };
}

/** Makes calls wait until they are released or stopped. */
export function holdCalls(edge: TestEdge): { started: Promise<AbortSignal>; release(): void } {
  const started = Promise.withResolvers<AbortSignal>();
  const released = Promise.withResolvers<void>();
  edge.handle = async ({ body, signal }) => {
    started.resolve(signal);
    const stopped = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => stopped.reject(signal.reason), { once: true });
    await Promise.race([released.promise, stopped.promise]);
    return succeeded((body as ToolCall).arguments);
  };
  return { started: started.promise, release: released.resolve };
}
