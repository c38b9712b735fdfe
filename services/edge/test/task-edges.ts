import { expect } from '@jest/globals';
import type { Tool } from '@toolplane/contracts';
import { ask, canAll, knowsTasks, type ModernAnswer, type ModernOptions } from './modern-client.ts';
import type { Replica } from './replica.ts';
import { echoTool, type JsonRpcAnswer, startTestEdge, type TestEdge } from './test-edge.ts';

const plan = { planDigest: 'd1', deadlineMs: 20_000, isRepeatable: true };
export const taskTools: Tool[] = [
  { ...echoTool, ...plan },
  { ...echoTool, ...plan, name: 'slow', task: 'optional' },
  { ...echoTool, ...plan, name: 'hasty', task: 'optional', deadlineMs: 600 },
  { ...echoTool, ...plan, name: 'long', task: 'required' },
  { ...echoTool, ...plan, name: 'confirm', task: 'required', asks: true, asksInTask: 'within' },
  { ...echoTool, ...plan, name: 'prepare', task: 'required', asks: true, asksInTask: 'before' },
];

export const capabilities = { ...canAll, ...knowsTasks };

/**
 * Two edges with tools that run as tasks, and a client. A task that was begun at one edge is read and cancelled at the
 * other.
 */
export type TaskEdges = {
  edge: TestEdge;
  other: Replica;
  callTool(name: string, extra?: object, options?: ModernOptions): Promise<ModernAnswer>;
  get(taskId: string, options?: ModernOptions): Promise<ModernAnswer>;
  update(taskId: string, inputResponses: unknown, options?: ModernOptions): Promise<ModernAnswer>;
  cancel(taskId: string, options?: ModernOptions): Promise<ModernAnswer>;
  create(name: string, options?: ModernOptions): Promise<string>;
  /** Polls until a task is no longer working. */
  settled(taskId: string, options?: ModernOptions): Promise<JsonRpcAnswer>;
  /**
   * Creates tasks that use all call slots of their workspace. It may take 20 ms until a free slot is known everywhere.
   */
  useAllSlots(): Promise<string[]>;
};

export async function startTaskEdges(): Promise<TaskEdges> {
  const edge = await startTestEdge();
  const other = await edge.startReplica();
  await edge.publishServer({ tools: taskTools });
  const edges: TaskEdges = {
    edge,
    other,
    callTool: (name, extra = {}, options = {}) =>
      ask(edge, 'tools/call', { name, arguments: { text: 'a' }, ...extra }, { capabilities, ...options }),
    get: (taskId, options = {}) => ask(edge, 'tasks/get', { taskId }, { capabilities, url: other.url, ...options }),
    update: (taskId, inputResponses, options = {}) =>
      ask(edge, 'tasks/update', { taskId, inputResponses }, { capabilities, ...options }),
    cancel: (taskId, options = {}) =>
      ask(edge, 'tasks/cancel', { taskId }, { capabilities, url: other.url, ...options }),
    async create(name, options = {}) {
      const { result } = await edges.callTool(name, {}, options);
      expect(result.resultType).toBe('task');
      return result.taskId;
    },
    async settled(taskId, options = {}) {
      for (;;) {
        const { result } = await edges.get(taskId, options);
        if (result.status !== 'working') return result;
      }
    },
    async useAllSlots() {
      const taskIds: string[] = [];
      for (let refusedSince = Number.POSITIVE_INFINITY; Date.now() - refusedSince < 100; ) {
        const { result } = await edges.callTool('slow');
        if (result.resultType === 'task') {
          taskIds.push(result.taskId);
          refusedSince = Number.POSITIVE_INFINITY;
        } else refusedSince = Math.min(refusedSince, Date.now());
      }
      return taskIds;
    },
  };
  return edges;
}
