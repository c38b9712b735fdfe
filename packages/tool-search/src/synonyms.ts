import { stemOf } from './to-terms.ts';

/*
 * Words that people use interchangeably to describe what an API does. They are English, and about work in general; the
 * words of a single product belong to the synonyms of its toolkit.
 */

/** The words of a group may replace each other. */
const groups: readonly string[] = [
  // Actions.
  'create add new make write post open register insert generate compose',
  'create publish organize schedule setup draft start book',
  'delete remove erase destroy drop kick clear revoke purge trash discard',
  'get read show fetch retrieve view see display info detail lookup inspect open',
  'list browse overview index',
  'search find lookup query discover filter',
  'update edit change modify alter fix set adjust rename correct patch',
  'set define configure save store put',
  'send post deliver submit forward email',
  'cancel stop abort end terminate void close hang finish withdraw undo',
  'start run trigger launch begin dispatch play execute',
  'again retry rerun repeat redeliver resend',
  'upload attach import',
  'download export content',
  'transfer move migrate',
  'copy duplicate clone fork',
  'approve accept confirm review',
  'reject decline deny refuse dismiss',
  'enable activate allow turn',
  'disable deactivate suspend',
  'pause hold suspend',
  'resume continue unpause',
  'restore recover undelete unarchive',
  'block ban blacklist',
  'assign give assignee responsible',
  'watch follow subscribe watcher',
  'invite invitation add',
  'join enter participate',
  'leave exit quit',
  'protect protection restrict lock',
  'link connect attach associate relate join',
  'verify check validate test lint valid',
  'compare difference diff changed between',
  'count many number total size',
  'react reaction emoji',
  'mute snooze silence dnd disturb quiet',
  'favourite star bookmark like',
  'deploy deployment rollout ship',
  'sign signature',
  'log record note track',
  'remind reminder',
  // Objects of actions.
  'issue ticket bug task story defect',
  'pr pull',
  'mr merge',
  'repository repo project codebase',
  'comment note reply remark discussion feedback',
  'thread reply conversation',
  'channel conversation room',
  'someone who user person people member colleague account teammate employee everybody everyone anybody',
  'admin administrator owner manager',
  'organization org company',
  'team group department',
  'permission access right allowed grant',
  'privilege role permission',
  'picture photo image avatar icon logo',
  'message text sms chat',
  'phone telephone number',
  'call meeting conference session appointment',
  'recording recorded record',
  'transcript transcription',
  'attend participant attendee registrant guest',
  'register registrant registration',
  'refund reimburse',
  'dispute chargeback',
  'subscription recurring monthly membership',
  'price cost amount fee',
  'payment charge pay paid',
  'payout withdrawal transfer pay',
  'invoice bill receipt',
  'balance credit money fund',
  'discount coupon promotion promo voucher',
  'customer client buyer',
  'product item goods article',
  'purchase buy order checkout',
  'seller merchant vendor supplier',
  'quote offer estimate',
  'tax vat',
  'shipping delivery shipment',
  'stock inventory',
  'webhook hook callback',
  'event activity happened',
  'release version',
  'latest recent newest last current',
  'file document content attachment',
  'folder directory',
  'history changelog log activity audit said lately',
  'trace output log console',
  'metric statistic report usage analytics traffic',
  'visitor view traffic',
  'usage spend cost consumption',
  'alert warn finding warning trigger threshold',
  'vulnerability security advisory',
  'presence online available',
  'status state transition progress stage',
  'permalink link url',
  'schedule scheduled later future upcoming plan coming next tomorrow tonight',
  'calendar event appointment',
  'label tag category',
  'pipeline build ci job workflow',
  'build artifact',
  'variable env environment',
  'secret password credential key token',
  'login sign session',
  'worklog time spent hours worked duration',
  'todo task reminder',
  'poll survey vote questionnaire',
  'question qa asked answer',
  'stream livestream live broadcast',
  'quota limit rate left remaining cap',
  'identity passport verification',
  'modal dialog window view',
  'summary title name subject topic',
  'profile bio about',
  'location place site address',
  'language locale translation',
  'currency exchange',
  'statement report',
  'snapshot backup',
  'incident outage down',
  'contact lead person',
  'deal opportunity',
  'row record entry',
  'field column property attribute',
  'priority importance severity urgent',
];

const phrases: readonly (readonly [RegExp, string])[] = [
  [/\be-?mails?\b/g, 'email'],
  [/\bto-?dos?\b|\bto-do list\b/g, 'todo'],
  [/\b(sets?|setting) up\b/g, 'setup'],
  [/\bsign(s|ed|ing)? up\b/g, 'register'],
  [/\bmoney back\b/g, 'refund'],
  [/\b(takes?|taking|took) back\b/g, 'delete'],
  [/\blook(s|ed|ing)? up\b/g, 'lookup'],
  [/\bhang(s|ing)? up\b/g, 'end'],
  [/\bwho am i\b/g, 'authenticated user current'],
  [/\bhow (much|many)\b/g, 'count'],
  [/\bhow long\b/g, 'time'],
  [/\bdo(es)? not disturb\b/g, 'dnd'],
  [/\b(someone|somebody|whom|whose)\b/g, 'someone'],
  [/\bgets? rid of\b/g, 'delete'],
  [/\bturns? off\b|\bswitch(es)? off\b/g, 'disable'],
  [/\bturns? on\b|\bswitch(es)? on\b/g, 'enable'],
  [/\blogs? in\b|\bsigns? in\b/g, 'login'],
  [/\bonce more\b/g, 'again'],
  [/\btext messages?\b/g, 'message sms'],
  [/\bread ?me\b/g, 'readme'],
  [/\bq ?& ?a\b/g, 'qa'],
];

const byTerm = toMap(groups);

/** The terms that may replace this one. */
export function synonymsOf(term: string): Iterable<string> {
  return byTerm.get(term) ?? [];
}

/** Replaces phrases of several words with the single word that has the same meaning. */
export function foldPhrases(text: string): string {
  return phrases.reduce((folded, [pattern, word]) => folded.replaceAll(pattern, word), text.toLowerCase());
}

function toMap(all: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const map = new Map<string, Set<string>>();
  for (const group of all) {
    const terms = [...new Set(group.split(' ').map(stemOf))];
    for (const term of terms) {
      const others = map.get(term) ?? new Set();
      for (const other of terms) if (other !== term) others.add(other);
      map.set(term, others);
    }
  }
  return map;
}
