import type { Fault, FaultContext } from './fault.ts';
import type { ManagedProcess, Stage } from './stage.ts';

/* Processes that are killed or stopped, and processes that are frozen. */

type Victims = { name: string; of(stage: Stage, context: FaultContext): readonly ManagedProcess[] };

const edge: Victims = { name: 'edge', of: ({ edges }, { random }) => [random.pick(edges)] };
const dataPlane: Victims = { name: 'data plane', of: ({ dataPlanes }, { random }) => [random.pick(dataPlanes)] };
const dataPlanes: Victims = { name: 'data planes', of: (stage) => stage.dataPlanes };
const controlPlane: Victims = { name: 'control plane', of: (stage) => [stage.controlPlane] };
const redis: Victims = { name: 'Redis', of: (stage) => [stage.redis] };
const postgres: Victims = { name: 'PostgreSQL', of: (stage) => [stage.postgres] };
/** The processes that a call needs, as if on one virtual machine that is suspended. */
const machine: Victims = {
  name: 'virtual machine',
  of: (stage) => [...stage.edges, ...stage.dataPlanes, stage.redis],
};

/** The components that groups of victims affect, for choosing pairs. */
const touched: Readonly<Record<string, readonly string[]>> = {
  'data planes': ['data plane'],
  'virtual machine': ['edge', 'data plane', 'Redis'],
};
const touchedBy = ({ name }: Victims) => touched[name] ?? [name];

const ends = [edge, dataPlane, dataPlanes, controlPlane, redis, postgres].flatMap((victims) =>
  (['kill', 'stop'] as const).map((how): Fault => {
    const signal = how === 'kill' ? 'SIGKILL' : 'SIGTERM';
    return {
      name: `${victims.name}: ${signal}`,
      touches: touchedBy(victims),
      holdMs: [200, 4_000],
      async inject(context) {
        const actors = victims.of(context.stage, context);
        context.note(`${signal} to ${namesOf(actors)}`);
        await Promise.all(actors.map((actor) => actor[how]()));
        return async () => void (await Promise.all(actors.map((actor) => actor.start())));
      },
    };
  }),
);

const emptied: Fault = {
  name: 'Redis: SIGKILL, comes back empty',
  touches: ['Redis'],
  holdMs: [200, 3_000],
  async inject({ stage }) {
    await stage.redis.kill();
    return () => stage.redis.startEmpty();
  },
};

/** BullMQ locks live for 10 s; fences and replies live for 60 s after the deadline. Some freezes last longer. */
const freezes: { victims: Victims; holdMs: Fault['holdMs']; isLong?: true }[] = [
  { victims: edge, holdMs: [1_000, 6_000] },
  { victims: edge, holdMs: [12_000, 20_000] },
  { victims: dataPlane, holdMs: [1_000, 6_000] },
  { victims: dataPlane, holdMs: [12_000, 25_000] },
  { victims: dataPlane, holdMs: [75_000, 90_000], isLong: true },
  { victims: controlPlane, holdMs: [2_000, 8_000] },
  { victims: redis, holdMs: [500, 4_000] },
  { victims: redis, holdMs: [12_000, 20_000] },
  { victims: postgres, holdMs: [2_000, 8_000] },
  { victims: machine, holdMs: [2_000, 6_000] },
  { victims: machine, holdMs: [12_000, 20_000] },
  { victims: machine, holdMs: [75_000, 90_000], isLong: true },
];

const frozen = freezes.map(({ victims, holdMs, isLong }): Fault => {
  const seconds = holdMs.map((ms) => ms / 1000).join(' to ');
  return {
    name: `${victims.name}: frozen for ${seconds} s`,
    touches: touchedBy(victims),
    holdMs,
    ...(isLong === undefined ? {} : { isLong }),
    async inject(context) {
      const actors = victims.of(context.stage, context);
      context.note(`frozen: ${namesOf(actors)}`);
      for (const actor of actors) actor.freeze();
      return () => {
        for (const actor of actors.toReversed()) actor.thaw();
      };
    },
  };
});

function namesOf(actors: readonly ManagedProcess[]): string {
  return actors.map(({ name }) => name).join(', ');
}

export const processFaults: readonly Fault[] = [...ends, emptied, ...frozen];
