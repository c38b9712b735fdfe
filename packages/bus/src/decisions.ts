import { randomUUID } from 'node:crypto';
import { setInterval as repeatEvery } from 'node:timers';
import { callerKindSchema } from '@toolplane/contracts';
import { z } from 'zod';
import { keys } from './keys.ts';
import { createNoteReader, type NoteReader } from './note-reader.ts';
import { createNotes, type Note, type NoteKind, type NoteOptions, type Notes } from './sealed-notes.ts';

const callerSchema = z.strictObject({
  kind: callerKindSchema,
  /** The id of the key, or the issuer and the subject of the token. */
  id: z.string(),
  agentId: z.string().optional(),
  username: z.string().optional(),
});

const decisionSchema = z.strictObject({
  /** The id of this note: many similar decisions become one note. */
  id: z.string(),
  workspaceId: z.string(),
  serverId: z.string(),
  tool: z.string(),
  action: z.enum(['call.denied', 'call.approval_required', 'call.declined', 'call.limited']),
  /** The rule of the policy that decided. Absent if nothing allowed the call. */
  rule: z.string().optional(),
  caller: callerSchema,
  /** The number of similar decisions since the previous note. */
  count: z.int().min(1),
  at: z.int().min(0),
});

/** A call that an edge refused. Edges note refused calls, and the control plane writes them to the audit log. */
export type Decision = z.infer<typeof decisionSchema> & Note;

export type DecisionNotes = Pick<Notes<Decision>, 'flush' | 'close'> & {
  /** Costs next to nothing: similar decisions of the next seconds become one note. */
  note(decision: Omit<Decision, 'id' | 'count' | 'at'>): void;
};
export type DecisionReader = NoteReader<Decision>;

const FLUSH_MS = 2000;
/** The maximum number of different decisions between two flushes. Further ones are not noted. */
const KINDS_MAX = 1000;
/** The maximum number of notes while no control plane collects them. */
const KEPT_MAX = 100_000;

/** Sealed with keys that are derived from the peppers. */
const kind: NoteKind<Decision> = {
  hash: keys.decisions,
  name: 'decisions',
  purposes: { note: 'decision', field: 'decision-name' },
  schema: decisionSchema,
  idOf: ({ id }) => id,
  keptMax: KEPT_MAX,
};

/** Used by the edge. */
export async function createDecisionNotes({
  flushMs = FLUSH_MS,
  ...options
}: NoteOptions & { flushMs?: number }): Promise<DecisionNotes> {
  const notes = await createNotes(kind, { ...options, flushMs });
  let alike = new Map<string, Decision>();
  async function flush(): Promise<void> {
    for (const decision of alike.values()) notes.note(decision);
    alike = new Map();
    await notes.flush();
  }
  const timer = repeatEvery(() => void flush(), flushMs).unref();
  return {
    flush,
    async close() {
      clearInterval(timer);
      await flush();
      await notes.close();
    },
    note(decision) {
      const what = JSON.stringify(decision);
      const before = alike.get(what);
      if (before !== undefined) before.count += 1;
      else if (alike.size < KINDS_MAX) alike.set(what, { ...decision, id: randomUUID(), count: 1, at: Date.now() });
    },
  };
}

/** Used by the control plane. */
export function createDecisionReader(options: NoteOptions): Promise<DecisionReader> {
  return createNoteReader(kind, options);
}
