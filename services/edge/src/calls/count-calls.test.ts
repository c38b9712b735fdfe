import { expect, test } from '@jest/globals';
import { counter } from '@toolplane/service-kit';
import { countEnd, countStart } from './count-calls.ts';

const count = (tool: string) => {
  countStart();
  const ended = {
    outcome: 'done',
    code: undefined,
    durationMs: 1,
    timing: { admissionMs: 1 },
    traceId: undefined,
  } as const;
  countEnd({ serverId: 'srv_1', tool, ...ended });
};

test('tools beyond the number that is counted individually are counted together, and no call is lost', async () => {
  for (let index = 0; index < 2500; index += 1) count(`tool_${index}`);
  count('tool_1');
  count('tool_2400');
  const { values } = await counter('toolplane_calls_total').get();
  expect(values.length).toBe(2001);
  expect(values.reduce((sum, { value }) => sum + value, 0)).toBe(2502);
  expect(values.find(({ labels }) => labels.tool === 'tool_1')?.value).toBe(2);
  expect(values.find(({ labels }) => labels.tool === 'other')).toMatchObject({
    labels: { server: 'other' },
    value: 501,
  });
});
