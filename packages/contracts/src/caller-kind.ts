import { z } from 'zod';

/** How a caller proved who they are. `anonymous`: they did not. */
const callerKinds = ['key', 'token', 'anonymous'] as const;
export const callerKindSchema = z.enum(callerKinds);
export type CallerKind = z.infer<typeof callerKindSchema>;

/** The kinds of callers that a debug session shows. `debugger` is the holder of the session's token. */
export const debugCallerKindSchema = z.enum([...callerKinds, 'debugger']);
