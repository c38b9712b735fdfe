const STEPS = [
  { unit: 'd', ms: 86_400_000 },
  { unit: 'h', ms: 3_600_000 },
  { unit: 'min', ms: 60_000 },
  { unit: 's', ms: 1000 },
] as const;

const short = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** Milliseconds in a form for people: `840 ms`, `1.2 s`, `15 min`. */
export function toDuration(ms: number): string {
  const step = STEPS.find((one) => ms >= one.ms);
  return step === undefined ? `${ms} ms` : `${short.format(ms / step.ms)} ${step.unit}`;
}
