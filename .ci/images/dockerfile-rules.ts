import { validate } from 'dockerfile-utils';
import { type BuildStage, readStages } from './read-stages.ts';

type Rule = (text: string, stages: BuildStage[]) => boolean;

/** The rules for the Dockerfile, each named by a sentence. */
export const dockerfileRules: Record<string, Rule> = {
  'is a Dockerfile without a warning': (text) =>
    validate(text).every(({ severity, message }) => severity === 3 || message.includes('ARG')),
  'every image comes from a version, by an argument that can be a digest': (text, stages) =>
    stages.every(({ from }) => from.startsWith('${') || stages.some(({ name }) => name === from)) &&
    [...text.matchAll(/^ARG \w+_IMAGE=(.*)$/gm)].every(([, image]) => /:(?!latest)[\w.-]+$/.test(image ?? '')),
  'no process of an image is root, and the user is a number, which Kubernetes can check': (_, stages) =>
    targetsOf(stages).every((stage) => /^[1-9]\d*(:[1-9]\d*)?$/.test(textOf(stage, 'USER'))),
  'process 1 is Node: no shell stands between it and SIGTERM': (_, stages) =>
    targetsOf(stages).every((stage) => /^\["[^"]*\/node"/.test(textOf(stage, 'ENTRYPOINT'))),
  'what runs is built elsewhere: no command runs in an image that is delivered': (_, stages) =>
    targetsOf(stages).every(({ instructions }) => instructions.every(({ keyword }) => keyword !== 'RUN')),
  'packages are those of the lock file, and no script of a package runs': (text) =>
    [...text.matchAll(/pnpm@.*$/gm)].every(([line]) =>
      /^pnpm@[\d.]+ install --frozen-lockfile --ignore-scripts/.test(line),
    ),
  'all but the tools that make the database client, the console and the command line tool installs what runs only': (
    text,
  ) => [...text.matchAll(/pnpm@.*$/gm)].filter(([line]) => !line.includes('--prod')).length === 3,
  'probes are those of the cluster': (text) => !/^HEALTHCHECK/m.test(text),
  'nothing is fetched by address, and nothing unpacked': (text) => !/^ADD |\b(curl|wget)\b/m.test(text),
  'no argument or variable is a secret': (text) => !/^(ARG|ENV)\b.*(TOKEN|PASSWORD|SECRET|_KEYS?\b)/m.test(text),
  'every image says which revision it is': (_, stages) =>
    targetsOf(stages).every(
      (stage) =>
        textOf(stage, 'LABEL').includes('image.revision=') && textOf(stage, 'ENV').includes('TOOLPLANE_REVISION='),
    ),
};

/** The stages that no other stage is built from. */
export function targetsOf(stages: BuildStage[]): BuildStage[] {
  return stages.filter(({ from }) => from === '${RUNTIME_IMAGE}');
}

export function brokenDockerfileRules(text: string): string[] {
  const stages = readStages(text);
  return Object.entries(dockerfileRules).flatMap(([rule, holds]) => (holds(text, stages) ? [] : [rule]));
}

function textOf({ instructions }: BuildStage, keyword: string): string {
  return instructions
    .filter((instruction) => instruction.keyword === keyword)
    .map(({ text }) => text)
    .join(' ');
}
