/** Words that occur in any sentence, and words with which people phrase a request. */
export const stopWords: ReadonlySet<string> = new Set(
  `a about am an and any are as at be been but by can could did do does done for from had has have having he her
  here hers him his how i if in into is it its just let like me mine my of on one or our ours please she should so
  some such than that the their them then there these they this those to too up us use using via
  want was we were what when where which whom whose why all every everything will with without would you your yours e g s t`.split(
    /\s+/,
  ),
);
