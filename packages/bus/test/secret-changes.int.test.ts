import { test } from '@jest/globals';
import { createSecretChanges } from '../src/secret-changes.ts';
import { startRedisServer } from './redis-server.ts';
import { until } from './until.ts';

const ref = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };

test('whoever did not hear the channel for a while is told so once it hears it again', async () => {
  await using server = await startRedisServer();
  await using stack = new AsyncDisposableStack();
  const start = async () => stack.adopt(await createSecretChanges({ redisUrl: server.url }), (it) => it.close());
  const [listening, other] = [await start(), await start()];
  const events: string[] = [];
  listening.onMissedChanges(() => events.push('missed'));
  listening.onSecretChange(({ name }) => events.push(name));
  const isHeard = async () => {
    await other.announceSecretChange(ref);
    return events.at(-1) === 'KEY';
  };
  await until(isHeard);
  await server.kill();
  events.length = 0;
  await server.start();
  await until(isHeard);
  await until(() => events.includes('missed'));
});
