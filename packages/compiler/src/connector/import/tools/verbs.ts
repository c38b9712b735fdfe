/** The verbs with which names of operations begin. Words that are often nouns are also in `ambiguous`. */
const verbs = new Set(
  `abort accept acknowledge activate add adjust advance aggregate allow analyze append apply approve archive assign associate
  attach authenticate authorize autocomplete backfill ban batch begin block bookmark book browse calculate cancel
  capture change check claim clear clone close collect combine compare complete compute confirm connect convert copy
  count create deactivate debug decline decrypt delete deliver deny deploy deprecate describe destroy detach detect
  disable disassociate disconnect dismiss discover dismount download drop duplicate edit email enable encrypt end enqueue
  enroll ensure estimate erase evaluate exchange execute exclude expire explain export extend extract fail fetch fill
  finalize find finish fix flush follow forget format forward freeze fund generate get give grant handle head hide host identify
  ignore import include increment index init initialize initiate insert inspect install invalidate invite invoke issue
  join kick kill launch leave like link list load locate lock login logout lookup make map mark match measure merge migrate
  modify monitor move mute notify open opt order override parse patch pause pay perform pin ping poll populate post
  predict prepare present preview print process promote propose protect provision publish pull purge purchase push put query queue
  read rebuild receive reconcile record recover redact redeem redirect redeliver refresh refund register reject release
  reload remind remove rename render renew reopen reorder replace reply report request require reschedule resend reserve
  reset resize resolve respond restart restore resume retrieve retry return reverse revert review revoke rollback rotate
  run save scan schedule scrape search seed select send set share ship show shutdown sign simulate skip snooze sort split star
  start stop store stream submit subscribe succeed suggest suspend sync synchronize tag take terminate test toggle track
  transfer transform translate trigger try unarchive unassign unban unblock unfollow uninstall unlike unlink unlock unmute
  unpin unpublish unregister unset unstar unsubscribe unsuspend untag unwatch update upgrade upload upsert use validate
  verify view void vote wait watch withdraw write`.split(/\s+/),
);

/** At the end of a name, or of a path that is only read, these words are usually nouns. */
const ambiguous = new Set(
  `access batch block book change check claim count debug email end fail fix fund head host index issue like link map mark
  match order patch pin poll post present preview process promote pull push query queue record refund release report
  request reserve reset return reverse review run schedule share ship show sign star start store stream tag test track
  transfer trigger try update upgrade use view vote wait watch void`.split(/\s+/),
);

const strongVerbs = new Set(['get', 'list', 'create', 'update', 'delete', 'remove', 'add', 'set', 'search']);

export function isVerb(word: string | undefined): word is string {
  if (word === undefined) return false;
  return verbs.has(word) || (/^(?:re|un)./.test(word) && verbs.has(word.slice(2)));
}

/** Returns true for a verb that is never a noun. */
export function isPlainVerb(word: string | undefined): word is string {
  return isVerb(word) && !ambiguous.has(word);
}

/** Returns true for a word that is a verb even in the middle of a name. */
export function isStrongVerb(word: string | undefined): boolean {
  return word !== undefined && strongVerbs.has(word);
}

/** Converts "Lists" or "Retrieves the …" to the verb as names use it. */
export function spokenVerb(text: string): string | undefined {
  const [, first = '', second = '', third = ''] = /^\W*(\w+)(?:\s+(\w+))?(?:\s+(\w+))?/.exec(text.toLowerCase()) ?? [];
  if (
    ['return', 'returns', 'retrieve', 'retrieves', 'fetch', 'fetches', 'show', 'shows', 'read', 'reads'].includes(first)
  ) {
    return second === 'list' || third === 'list' || second === 'all' ? 'list' : 'get';
  }
  return [first, first.replace(/s$/, ''), first.replace(/es$/, ''), first.replace(/ies$/, 'y')].find(isVerb);
}
