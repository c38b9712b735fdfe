import { type NamedOperation, toolNameChoices } from './tool-name-choices.ts';

/** `LENGTH_MAX` is what all clients accept, and `LENGTH_AIM` what remains when they prefix the name of the server. */
const LENGTH_MAX = 64;
const LENGTH_AIM = 40;

const articles = new Set(['a', 'an', 'the']);
const fillers = new Set('of for from to by with in on at is that this all as authenticated'.split(' '));
const shorter: Readonly<Record<string, string>> = {
  organization: 'org',
  organizations: 'orgs',
  repository: 'repo',
  repositories: 'repos',
  configuration: 'config',
  configurations: 'configs',
  environment: 'env',
  information: 'info',
};

/** Returns one unique name for each operation, in their order. */
export function nameTools(operations: readonly NamedOperation[]): string[] {
  const choices = operations.map((operation) => [...new Set(toolNameChoices(operation).flatMap(spellings))]);
  const levels = choices.map(() => 0);
  const nameAt = (index: number) => choices[index]?.[levels[index] ?? 0] ?? 'call_operation';
  // If several operations want the same name, all of them use a longer one, so that none of them appears to be the
  // default.
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    const byName = Map.groupBy(choices.keys(), nameAt);
    for (const indexes of byName.values()) {
      if (indexes.length === 1) continue;
      for (const index of indexes) {
        if ((levels[index] ?? 0) + 1 >= (choices[index]?.length ?? 0)) continue;
        levels[index] = (levels[index] ?? 0) + 1;
        isMoving = true;
      }
    }
  }
  const taken = new Set<string>();
  const firsts = new Set([...choices.keys()].map(nameAt));
  return [...choices.keys()].map((index) => {
    const wanted = nameAt(index);
    let name = wanted;
    for (let number = 2; taken.has(name) || (name !== wanted && firsts.has(name)); number += 1) {
      name = `${wanted.slice(0, LENGTH_MAX - 5)}_${number}`;
    }
    taken.add(name);
    return name;
  });
}

/** Returns a name that is short enough to be easy to read, followed by the full one if words were omitted. */
function spellings(words: string[]): string[] {
  const distinctive = words.filter((word, index) => !articles.has(word) && word !== words[index - 1]);
  const full = shortenTo(distinctive);
  if (full.length <= LENGTH_AIM) return [full];
  const brief = distinctive.map((word) => shorter[word] ?? word);
  const short = brief.join('_').length <= LENGTH_AIM ? brief : brief.filter((word) => !fillers.has(word));
  return [shortenTo(short), full];
}

function shortenTo(words: string[]): string {
  const kept = [...words];
  while (kept.join('_').length > LENGTH_MAX && kept.length > 1) kept.pop();
  return kept.join('_').slice(0, LENGTH_MAX);
}
