/** What a state means for whoever looks: all is well, nothing happens there, look at it, it fails; or nothing of these. */
export type Tone = 'good' | 'idle' | 'warning' | 'bad' | 'neutral';

export type State = { label: string; tone: Tone };

/** Told by the words as well: nobody has to see the colours. */
export const COLORS: Readonly<Record<Tone, string>> = {
  good: 'green',
  idle: 'gray',
  warning: 'orange',
  bad: 'red',
  neutral: 'blue',
};

/** Of what is switched on and off. */
export function toActivity(isActive: boolean): State {
  return isActive ? { label: 'active', tone: 'good' } : { label: 'deactivated', tone: 'idle' };
}
