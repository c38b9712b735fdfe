/** Words that English sentences contain. A text without any of them may be in another language, which is not judged. */
const english = new Set(['the', 'of', 'for', 'with', 'by', 'and', 'from', 'this', 'a', 'an']);
/** Words of other languages, which also use some of the words above. */
const foreign = new Set(
  'der die das den dem ein eine einen und von mit für le la les des du un une et el los las del y con para il lo gli di e van het een'.split(
    ' ',
  ),
);

/**
 * Verbs of tool descriptions in their base form. Any list misses some verbs, so this one is long, and one verb anywhere
 * in the text is sufficient: a false alarm is worse than a missed one.
 */
const verbs = new Set(
  `accept access acknowledge activate add adjust aggregate allow alter analyse analyze answer append apply approve archive
  arrive ask assign attach authorize authenticate bill block book bring browse build buy calculate call cancel change charge check choose clear
  clone close collect combine come comment commit compare compile complete compose compute confirm connect consult contain
  contact continue convert copy correct count cover create deactivate decide declare decline decode define delete deliver
  depart deploy describe detect determine dial diff disable discover dispatch display do download draft draw drop duplicate edit
  email embed enable encode encrypt end enrich enter escalate estimate evaluate examine exchange execute expand expire
  explain explore export extract favor fetch fill filter find finish fire fix follow forecast format forward generate get
  give go grant group guess handle have help hide hold identify ignore import include increase index inform init
  initialize insert inspect install invite invoke issue join keep know label launch lay leave let link list load locate lock
  log login logout look lookup maintain make manage map mark match mean measure merge migrate modify monitor move mute name need note
  notify obtain offer open order organize pause pay perform pick ping place plan post predict prepare preview print
  process produce promote propose provide publish pull purchase push put query queue quote rank rate read rebuild receive
  recommend record recover redeem redirect refresh refund register reject relate release reload remind remove rename render
  renew reopen reorder replace reply report represent request require reschedule reserve reset resend resize resolve respond restart
  restore resume retrieve return revert review revoke rewrite roll rotate route run save say scan schedule score scrape
  search see select sell send serve set share ship show sign simulate skip sort speak specify split start state stop
  store stream submit subscribe suggest summarize support suspend swap switch sync synchronize tag take tell terminate
  test toggle track train transcribe transfer transform translate trigger try turn unblock undo uninstall unlink unlock
  unsubscribe update upgrade upload use validate verify view visit wait want warn watch write yield zip`
    .split(/\s+/)
    .flatMap(inflect),
);
const irregular = `is are was were be been am has had does did done can could may might must shall should will would found
  gave given got gone made sent said told wrote written kept ran began begun became left held paid sold built chosen
  let's cannot`;
for (const word of irregular.split(/\s+/)) verbs.add(word);

const ENGLISH_WORDS_MIN = 2;

/** Words that follow a verb rather than a noun, because they introduce its object. */
const determiners = new Set(
  'a an the this that these those all every each any some my your his her its our their one two several many'.split(
    ' ',
  ),
);

/** Returns true for an English text that names a thing instead of saying what is done. */
export function lacksVerb(text: string): boolean {
  const words = text.toLowerCase().match(/[\p{L}\p{M}']+/gu) ?? [];
  const isEnglish = words.filter((word) => english.has(word)).length >= ENGLISH_WORDS_MIN;
  if (!isEnglish || words.some((word) => foreign.has(word) || /[^a-z']/.test(word))) return false;
  return !startsWithVerb(words) && !words.some((word) => verbs.has(word));
}

/** Recognizes verbs that are in no list by their form: "Throttles …", "Freeze the …", "Reconcile invoices …". */
function startsWithVerb([first = '', second = '']: string[]): boolean {
  if (english.has(first) || determiners.has(first)) return false;
  return isInflected(first) || determiners.has(second) || isInflected(second);
}

function isInflected(word: string): boolean {
  return /[^siu]s$/.test(word) && !determiners.has(word);
}

function inflect(verb: string): string[] {
  const stem = /[^aeiou]e$/.test(verb) ? verb.slice(0, -1) : verb;
  const short = /[^aeiou][aeiou][bdgklmnprt]$/.test(verb) ? verb + verb.slice(-1) : stem;
  const thirdPerson = /(?:[sxz]|ch|sh|o)$/.test(verb) ? `${verb}es` : verb.replace(/([^aeiou])y$/, '$1ie').concat('s');
  const past = verb.endsWith('e') ? `${verb}d` : verb.replace(/([^aeiou])y$/, '$1i').concat('ed');
  return [verb, thirdPerson, past, `${stem}ing`, `${short}ing`, `${short}ed`];
}
