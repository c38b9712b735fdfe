/** What a state means to the reader: all is well, nothing happens, look at it, it fails; or none of these. */
export type Tone = 'good' | 'idle' | 'warning' | 'bad' | 'neutral';

export type State = { label: string; tone: Tone };

/** The words say the same as the colours, which nobody has to see. */
export const COLORS: Readonly<Record<Tone, string>> = {
  good: 'green',
  idle: 'gray',
  warning: 'orange',
  bad: 'red',
  neutral: 'blue',
};

/** For what can be activated and deactivated. */
export function toActivity(isActive: boolean): State {
  return isActive ? { label: 'active', tone: 'good' } : { label: 'deactivated', tone: 'idle' };
}
