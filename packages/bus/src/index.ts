export { type BusConnection, connectBus } from './bus-connection.ts';
export type { BusEvent } from './bus-event.ts';
export { type CallLogReader, createCallLogReader } from './call-log/call-log-reader.ts';
export { type CallLogWriter, createCallLogWriter } from './call-log/call-log-writer.ts';
export { type LoggedCall, loggedCallSchema } from './call-log/logged-call.ts';
export { type CallSlots, createCallSlots, type TakenSlots, type WantedPlace } from './call-slots.ts';
export type { CallRequest } from './calls/call-request.ts';
export { type Caller, type CallerOptions, createCaller } from './calls/caller.ts';
export type { DeliveredCall } from './calls/deliver-call.ts';
export type { HeldCall } from './calls/held-call.ts';
export type { Hold } from './calls/holds.ts';
export { createPooledCaller, type PooledCaller } from './calls/pooled-caller.ts';
export type { QueueDepth } from './calls/queue-depth.ts';
export type { FoundCall, SentCall } from './calls/sent-calls.ts';
export { createWorker, type Worker, type WorkerOptions } from './calls/worker.ts';
export {
  createDebugStreamReader,
  type DebugStreamEntry,
  type DebugStreamPage,
  type DebugStreamReader,
} from './debug-sessions/debug-stream-reader.ts';
export { createDebugStreamWriter, type DebugStreamWriter } from './debug-sessions/debug-stream-writer.ts';
export type { ByteAccount } from './edge-store/byte-ledger.ts';
export { createEdgeStore, type EdgeStore, type EdgeStoreOptions } from './edge-store/edge-store.ts';
export type { RecordKind, StoredRecord } from './edge-store/records.ts';
export type { SessionEvent } from './edge-store/session-messages.ts';
export type { SessionChange, SessionState } from './edge-store/session-states.ts';
export { STREAM_EVENT_BYTES_MAX, type StreamEvent } from './edge-store/streams.ts';
export { createFleetReader, type FleetReader } from './fleet/fleet-reader.ts';
export { type Heartbeat, startHeartbeat } from './fleet/heartbeat.ts';
export type { ProcessStatus } from './fleet/process-status.ts';
export { type InPool, inPool } from './keys.ts';
export { createLocks, type Lock, type Locks } from './locks.ts';
export type { RefusedCall, SecretUse, SeenCaller, SeenUser } from './notes/note-kinds.ts';
export { createNoteReader, type NoteReader } from './notes/note-reader.ts';
export { createNoteWriter, type NoteWriter } from './notes/note-writer.ts';
export { createPublisher, type Publisher } from './publication/publisher.ts';
export { createSnapshot, type Snapshot, type SnapshotOptions } from './publication/snapshot.ts';
export { createRateLimits, type RateLimits, type RateSubject, type RateWindow } from './rate-limits.ts';
export { createSecretChanges, type SecretChanges } from './secret-changes.ts';
