import { toWords } from './to-terms.ts';

/** What a tool does to its object. */
export type Effect = 'reads' | 'writes' | 'deletes';

const reading = `what which who whose whom how where when why is are was were did do does has have had can may am show list
  get read see view find search look lookup check fetch download display count browse inspect compare all every
  any my our listen`;
const deleting = 'delete remove erase destroy drop kick clear revoke purge discard unlink detach unassign';
const ending = 'cancel stop abort end terminate void close leave disable decline reject dismiss unfollow unblock mute';
const writing = `accept activate add adjust allow announce answer append apply approve archive ask assign attach ban
  block book buy call change charge cherry comment commit compose configure connect convert copy create deactivate
  define deploy draft duplicate edit email enable enter establish execute extend fill finish fix follow fork forward
  generate give grant import increase insert install invite issue join kick label launch link lock log make mark
  merge message modify move name notify order organize organise pause pay pin place plan play post promote protect
  publish purchase put raise react refund register rename renew reopen reorder replace reply report request reschedule
  reserve reset resend restart restore resume retry rerun run save say schedule send set setup share ship sign sort star
  start store stream submit subscribe switch sync tag take transfer translate trigger turn unarchive unlock update
  upgrade upload use verify vote warn watch work write`;

/** Somebody who wants to open something may want to see it, or to create it. */
const opening = 'open';

const wanted = new Map<string, ReadonlySet<Effect>>([
  ...toEntries(reading, ['reads']),
  ...toEntries(writing, ['writes']),
  ...toEntries(opening, ['reads', 'writes']),
  ...toEntries(ending, ['writes', 'deletes']),
  ...toEntries(deleting, ['deletes', 'writes']),
]);

/** Derived from the first word of the text. Undefined if that word does not indicate an effect. */
export function wantedEffects(text: string): ReadonlySet<Effect> | undefined {
  const first = toWords(text).find((word) => !fillers.has(word));
  return first === undefined ? undefined : wanted.get(first);
}

/** Words with which people introduce a request. */
const fillers = new Set('please i we want need would like to could can you help me us the a an only just'.split(' '));

function toEntries(words: string, effects: readonly Effect[]): [string, ReadonlySet<Effect>][] {
  return words.split(/\s+/).map((word) => [word, new Set(effects)]);
}
