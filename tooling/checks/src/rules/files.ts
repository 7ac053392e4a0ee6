import type { Finding, Rule, TextFile } from '../finding.ts';

const code = /\.(ts|tsx|mts|mjs|js|css)$/;
const longest = 300;

/** Names that refuse nothing, so everything ends up there. */
const forbidden = /^(utils?|types|helpers?|common|misc|shared|constants)\.(ts|tsx|mjs)$/;
const forbiddenFolder = /\/(utils?|helpers?|common|shared|misc)\//;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;

function isOurs(file: TextFile): boolean {
  return /^(packages|apps|tooling)\//.test(file.path);
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** Also covers what the linter leaves aside: tests, scripts and style sheets. */
export const fileLength: Rule = {
  name: 'file-length',
  check: (tree) =>
    tree.files
      .filter((file) => isOurs(file) && code.test(file.path) && lineCount(file.text) > longest)
      .map((file) => ({
        rule: 'file-length',
        thing: file.path,
        reason: `has ${lineCount(file.text)} lines; the house allows ${longest}`,
        remedy: 'Split it along its nouns.',
      })),
};

function badName(file: TextFile): string | undefined {
  const name = file.path.split('/').at(-1) ?? file.path;
  if (forbidden.test(name)) return `${name} says nothing about what it holds`;
  if (forbiddenFolder.test(file.path)) return 'its folder says nothing about what it holds';
  return kebab.test(name) ? undefined : `${name} is not kebab-case`;
}

export const fileNames: Rule = {
  name: 'file-names',
  check: (tree) =>
    tree.files
      .filter((file) => isOurs(file) && code.test(file.path))
      .flatMap((file): Finding[] => {
        const reason = badName(file);
        const remedy = 'Name the file after the noun it defines.';
        return reason === undefined ? [] : [{ rule: 'file-names', thing: file.path, reason, remedy }];
      }),
};

// Spelled in pieces, so that this file does not find itself.
const machine = [
  ['', 'work', ''].join('/'),
  ['', 'home', '[a-z][\\w-]*', ''].join('/'),
  ['', 'Users', '\\w+', ''].join('/'),
];
const machinePath = new RegExp(`(^|[\\s"'\`(=:])(${machine.join('|')})`);

export const machinePaths: Rule = {
  name: 'machine-paths',
  check: (tree) =>
    tree.files.flatMap((file) =>
      file.text.split('\n').flatMap((line, index) =>
        machinePath.test(line)
          ? [
              {
                rule: 'machine-paths',
                thing: `${file.path}:${index + 1}`,
                reason: 'names a path of the machine it was written on',
                remedy: 'Locate it relative to the repository, or take it as an option.',
              },
            ]
          : [],
      ),
    ),
};
