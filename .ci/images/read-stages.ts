import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser, ModifiableInstruction } from 'dockerfile-ast';
import { projectFolder } from '../../infra/local/services.ts';

export type Instruction = {
  keyword: string;
  /** The arguments, with the flags of the instruction first. */
  words: string[];
  /** The arguments, without the flags, as one line. */
  text: string;
};

export type BuildStage = { name: string; from: string; instructions: Instruction[] };

export const dockerfile = readFileSync(join(projectFolder, 'Dockerfile'), 'utf8');

export function readStages(file = dockerfile): BuildStage[] {
  const stages: BuildStage[] = [];
  for (const instruction of DockerfileParser.parse(file).getInstructions()) {
    const text = (instruction.getRawArgumentsContent() ?? '').replaceAll(/\\\n\s*/g, '');
    const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags().map(String) : [];
    const words = [...flags, ...text.split(/\s+/)];
    const keyword = instruction.getKeyword();
    if (keyword === 'FROM') stages.push({ name: words[2] ?? '', from: words[0] ?? '', instructions: [] });
    else stages.at(-1)?.instructions.push({ keyword, words, text });
  }
  return stages;
}
