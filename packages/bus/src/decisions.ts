import { randomUUID } from 'node:crypto';
import { setInterval as repeatEvery } from 'node:timers';
import { callerKindSchema } from '@toolplane/contracts';
import { z } from 'zod';
import { keys } from './keys.ts';
import { createNoteReader, type NoteReader } from './note-reader.ts';
import { createNotes, type Note, type NoteKind, type NoteOptions, type Notes } from './sealed-notes.ts';

const callerSchema = z.strictObject({
  kind: callerKindSchema,
  /** Of the key; of a token its issuer and subject. */
  id: z.string(),
  agentId: z.string().optional(),
  username: z.string().optional(),
});

const decisionSchema = z.strictObject({
  /** Of this note: many similar decisions become one. */
  id: z.string(),
  workspaceId: z.string(),
  serverId: z.string(),
  tool: z.string(),
  action: z.enum(['call.denied', 'call.approval_required', 'call.declined', 'call.limited']),
  /** Of the policy; absent: nothing allowed it. */
  rule: z.string().optional(),
  caller: callerSchema,
  /** How many there were since the previous note. */
  count: z.int().min(1),
  at: z.int().min(0),
});

/** Calls that an edge refused: edges note them, the control plane writes them into the audit log. */
export type Decision = z.infer<typeof decisionSchema> & Note;

export type DecisionNotes = Pick<Notes<Decision>, 'flush' | 'close'> & {
  /** Costs next to nothing; any number of similar ones become one note in the next seconds. */
  note(decision: Omit<Decision, 'id' | 'count' | 'at'>): void;
};
export type DecisionReader = NoteReader<Decision>;

const FLUSH_MS = 2000;
/** Kinds of decisions between two flushes; more are not noted. */
const KINDS_MAX = 1000;
/** How many are kept while no control plane takes them over. */
const KEPT_MAX = 100_000;

/** Sealed with keys of the peppers. */
const kind: NoteKind<Decision> = {
  hash: keys.decisions,
  name: 'decisions',
  purposes: { note: 'decision', field: 'decision-name' },
  schema: decisionSchema,
  idOf: ({ id }) => id,
  keptMax: KEPT_MAX,
};

/** For the edge. */
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

/** For the control plane. */
export function createDecisionReader(options: NoteOptions): Promise<DecisionReader> {
  return createNoteReader(kind, options);
}
