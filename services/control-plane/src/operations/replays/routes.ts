import {
  type AppError,
  differenceSchema,
  errorCodeSchema,
  isDeeperThan,
  notValid,
  recordingSchema,
  replaySchema,
  toRecording,
} from '@toolplane/contracts';
import { type Api, addRoute, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema } from '../../platform/request-schemas.ts';
import { twins } from '../../servers/server-answers.ts';
import type { DebugSessions } from '../debug-sessions/debug-sessions.ts';
import { tokenHeader, traceSchema } from '../debug-sessions/trace-routes.ts';
import type { Replays } from './replays.ts';

/** Limit of the nesting, because everything that processes a recording recurses through it. */
const DEPTH_MAX = 200;

const recordingInBody = z
  .unknown()
  .refine((value) => !isDeeperThan(value, DEPTH_MAX), {
    error: `is nested deeper than ${DEPTH_MAX} levels`,
    abort: true,
  })
  .pipe(recordingSchema)
  .meta({ description: 'The recording as the debug session exported it' });

const replayedSchema = z
  .object({
    matches: z.boolean(),
    outcome: replaySchema.shape.outcome.meta({
      description: '`diverged`: the run ended where the recording has no answer for it',
    }),
    outputs: z.unknown().optional(),
    error: z.object({ code: errorCodeSchema, message: z.string() }).optional(),
    trace: traceSchema,
    differences: z.array(
      z.object({
        kind: differenceSchema.shape.kind,
        step: z.string().optional().meta({ description: 'The step with those that led to it; absent: the whole call' }),
        attempt: z.int().optional(),
        index: z.int().optional(),
        pointer: z.string().optional().meta({ description: 'JSON Pointer into the request or the outputs' }),
        message: z.string(),
        recorded: z.unknown().optional(),
        replayed: z.unknown().optional(),
      }),
    ),
    differences_left_out: z.int().optional(),
  })
  .meta({ id: 'Replay' });

const { format, version, outcome } = recordingSchema.shape;
const shownRecordingSchema = z
  .looseObject({ format, version, tool: z.string(), plan_digest: z.string(), outcome })
  .meta({ id: 'Recording' });

const about = { tag: 'Debug sessions', access: 'debug:write' } as const;

export function addReplayRoutes(
  api: Api<Principal>,
  { replays, debugSessions }: { replays: Replays; debugSessions: Pick<DebugSessions, 'admit' | 'following'> },
): void {
  for (const { base, suffix } of twins) {
    addRoute(api, {
      ...about,
      method: 'post',
      path: `${base}/{id}/replays`,
      operationId: `replayCall${suffix}`,
      isQuestion: true,
      summary: 'Run a recorded call again, with its recorded answers',
      description:
        'No upstream is called and no secret is read. The differences show where the run does not match the recording.',
      params: z.strictObject({ id: idSchema }),
      body: z.strictObject({
        recording: recordingInBody,
        against: z.enum(['recorded', 'current']).default('recorded').meta({
          description: 'The plan that ran at the time of the recording, or the current plan of its tool',
        }),
      }),
      responses: { 200: { description: 'Result of the replay', body: successOf(replayedSchema) } },
      async handle({ principal, params: { id }, body: { recording, against } }) {
        if (recording.cut?.includes('inputs') === true) throw isPart();
        const replay = await replays.replay(principal, id, recording, against);
        const message = replay.matches ? 'The run matches the recording' : 'The run differs from the recording';
        return succeed(200, message, replay);
      },
    });
    addRoute(api, {
      ...about,
      method: 'get',
      path: `${base}/{id}/debug-sessions/{sessionId}/calls/{callId}`,
      operationId: `exportRecording${suffix}`,
      summary: 'Export a call of a debug session as a recording',
      description:
        'Only for the person or key that opened the session, with its token as `Authorization: Token`, while the session is open.',
      params: z.strictObject({ id: idSchema, sessionId: idSchema, callId: idSchema }),
      headers: z.object({ authorization: tokenHeader }),
      responses: { 200: { description: 'The recording', body: shownRecordingSchema } },
      async handle({ principal, params: { id, sessionId, callId }, headers: { authorization } }) {
        const session = await debugSessions.admit(principal, { server: id, sessionId, authorization });
        const recording = toRecording(await debugSessions.following.readCall(session, callId));
        return { status: 200 as const, body: orNotFound(recording, 'call that has ended in this debug session') };
      },
    });
  }
}

function isPart(): AppError {
  const message = 'is incomplete in the recording: put the whole value there, and remove it from cut';
  return notValid([{ path: 'body.recording.inputs', message }]);
}
