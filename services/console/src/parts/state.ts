/** What a state means to the reader: all is well, nothing happens, attention is needed, it fails, or none of these. */
export type Tone = 'good' | 'idle' | 'warning' | 'bad' | 'neutral';

export type State = { label: string; tone: Tone };

/** Colours only repeat what the words say, so nobody depends on them. */
export const COLORS: Readonly<Record<Tone, string>> = {
  good: 'green',
  idle: 'gray',
  warning: 'orange',
  bad: 'red',
  neutral: 'blue',
};

/** The state of something that can be activated and deactivated. */
export function toActivity(isActive: boolean): State {
  return isActive ? { label: 'active', tone: 'good' } : { label: 'deactivated', tone: 'idle' };
}
