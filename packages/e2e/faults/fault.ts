import type { CampaignKey } from './client.ts';
import type { Random } from './random.ts';
import type { Stage } from './stage.ts';

export type FaultContext = {
  stage: Stage;
  /** The random numbers of this injection, which choose the victims. */
  random: Random;
  /** The key that some of the calls use, and which may be revoked or replaced. */
  spareKey: { current: CampaignKey & { id: string } };
  /** Adds a line to the evidence. */
  note(line: string): void;
};

/** Ends the fault; resolves when what was taken away is restored. */
export type EndFault = () => Promise<void> | void;

export type Fault = {
  name: string;
  /** The components that the fault affects. Two faults that affect the same component are not injected together. */
  touches: readonly string[];
  holdMs: readonly [min: number, max: number];
  /**
   * The fault takes a minute or more: it is injected only in runs of ten minutes or more, or when it is chosen by name.
   */
  isLong?: true;
  /** The fault waits until services are ready, which another fault would prevent: it is in no pair. */
  isAlone?: true;
  needsClocks?: true;
  /** How much later the upstream may receive requests. */
  upstreamDelayMs?: number;
  inject(context: FaultContext): Promise<EndFault>;
};
