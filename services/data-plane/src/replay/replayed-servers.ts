import { Client } from '@modelcontextprotocol/client';
import type { JsonObject } from '@toolplane/contracts';
import { UpstreamError } from '../egress/upstream-error.ts';
import type { RunServices } from '../execution/run.ts';
import { answerFromRecording, type RecordedExchange } from './replay-client.ts';

/** Stands in for external servers and returns the recorded responses. It asks no questions and reports no progress. */
export function createReplayedServers(exchange: RecordedExchange): RunServices['externalServers'] {
  // This client is never connected.
  const client = new Client({ name: 'replay', version: '1' });
  const open: RunServices['externalServers']['open'] = async ({ era = 'legacy' }) => ({
    client,
    era,
    isBroken: false,
    hasSession: false,
    close: async () => {},
    async request({ position, signal }) {
      if (position === undefined) throw new UpstreamError('internal', 'A replay tried to send a request of its own');
      const { response } = await answerFromRecording(exchange, position, signal);
      return response.body as JsonObject;
    },
  });
  return {
    open,
    acquire: async (target, limits) => ({ connection: await open(target, limits), isFresh: false }),
    release: () => {},
    close: async () => {},
  };
}
