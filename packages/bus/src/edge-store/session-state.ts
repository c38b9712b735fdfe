import { AppError, type LogLevel, logLevelSchema } from '@toolplane/contracts';
import { z } from 'zod';

const SUBSCRIPTIONS_MAX = 100;
const URI_LENGTH_MAX = 2048;

export const sessionStateSchema = z.strictObject({
  isEnded: z.boolean(),
  logLevel: logLevelSchema.optional(),
  subscriptions: z.array(z.string()).readonly(),
  /** This and `abilities` exist only in sessions whose id is issued before the client sends them. */
  protocolVersion: z.string().optional(),
  abilities: z.array(z.string()).readonly().optional(),
});
/** What is stored of a session in addition to what its id contains. */
export type SessionState = z.infer<typeof sessionStateSchema>;

/** A session without changes; Redis has no record of it. */
export const unchangedSession: SessionState = { isEnded: false, subscriptions: [] };

export type SessionChange = {
  isEnded?: true;
  logLevel?: LogLevel;
  subscribe?: string;
  unsubscribe?: string;
  protocolVersion?: string;
  abilities?: readonly string[];
};

/** Throws `invalid_request` for too many subscriptions, or for one that is too long. */
export function changedSession(state: SessionState, change: SessionChange): SessionState {
  if (state.isEnded || change.isEnded) return { isEnded: true, subscriptions: [] };
  const { isEnded: _isEnded, subscribe, unsubscribe, ...replacing } = change;
  if (subscribe !== undefined && subscribe.length > URI_LENGTH_MAX) {
    throw new AppError('invalid_request', `The URI of a subscription has at most ${URI_LENGTH_MAX} characters`);
  }
  const subscriptions = new Set(state.subscriptions);
  if (unsubscribe !== undefined) subscriptions.delete(unsubscribe);
  if (subscribe !== undefined) subscriptions.add(subscribe);
  if (subscriptions.size > SUBSCRIPTIONS_MAX) {
    throw new AppError('invalid_request', `A session has at most ${SUBSCRIPTIONS_MAX} subscriptions`);
  }
  return { ...state, ...replacing, subscriptions: [...subscriptions] };
}
