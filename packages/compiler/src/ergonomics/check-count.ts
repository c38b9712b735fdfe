/** Many clients show a model only the first 40 or so. */
const TOOLS_MAX = 40;

export type CountProblem = { code: string; message: string; hint: string };

/** `parts` describes the origin of the tools if a document does not contain all of them. */
export function findTooMany(count: number, parts?: string): CountProblem | undefined {
  if (count <= TOOLS_MAX) return undefined;
  const [detail, remedy] =
    parts === undefined
      ? ['', 'split the server so that each has what one task needs']
      : [` (${parts})`, 'offer only what one task needs: narrow selectedTools, or the tools of external servers'];
  return {
    code: 'too_many_tools',
    message: `There are ${count} tools${detail}; many clients show a model only the first ${TOOLS_MAX}`,
    hint: `Use the mode SMART, or ${remedy}.`,
  };
}
