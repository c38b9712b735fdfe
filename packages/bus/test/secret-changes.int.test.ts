import { test } from '@jest/globals';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { connectBus } from '../src/bus-connection.ts';
import { createSecretChanges } from '../src/secret-changes.ts';
import { until } from './until.ts';

const ref = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };

test('a listener that missed the channel for a while is told so once it hears it again', async () => {
  await using server = await startTestRedis();
  await using stack = new AsyncDisposableStack();
  const start = () => createSecretChanges({ bus: stack.use(connectBus({ redisUrl: server.url })) });
  const [listening, other] = [await start(), await start()];
  const events: string[] = [];
  listening.onMissedChanges(() => events.push('missed'));
  listening.onSecretChange(({ name }) => events.push(name));
  const hasListener = async () => {
    await other.announceSecretChange(ref);
    return events.at(-1) === 'KEY';
  };
  await until(hasListener);
  await server.kill();
  events.length = 0;
  await server.start();
  await until(hasListener);
  await until(() => events.includes('missed'));
});
