export type { BusEvent } from './bus-event.ts';
export { type Caller, type CallerOptions, type CallRequest, createCaller } from './calls/caller.ts';
export type { DeliveredCall } from './calls/deliver-call.ts';
export { createWorker, type Worker, type WorkerOptions } from './calls/worker.ts';
export { createPublisher, type Publisher } from './publication/publisher.ts';
export { createSnapshot, type Snapshot, type SnapshotOptions } from './publication/snapshot.ts';
export { createSecretChanges, type SecretChanges } from './secret-changes.ts';
