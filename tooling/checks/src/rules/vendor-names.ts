import type { Finding, Rule, TextFile, Tree } from '../finding.ts';
import { sourcesOf } from '../syntax.ts';
import { contractOf } from './import-table.ts';

const neutral = new Set(['core', 'kit', 'engine', 'host', 'conformance']);
const synonyms = ['microsoft', 'msal', 'azure', 'jsforce', 'openbao'];
const planned = ['hubspot', 'dataverse', 'keyvault', 'postgres', 'postgresql'];

/** Vendors that are English words too: an HTTP exchange and twenty rows name nobody. */
const words = 'exchange|graph|twenty|office|outlook|dynamics|vault';
const named = [
  // a value or a part of a name: 'exchange', mailbox-exchange
  new RegExp(`['"\`/-](${words})['"\`/-]`, 'i'),
  // a converter or a question: toGraph, isExchange; an HTTP client may well createExchange
  new RegExp(`\\b(?:to|from|is|for|via)(${capitalised(words)})`),
  // a proper noun inside a comment
  new RegExp(`^\\s*(?:\\*|/[/*]).*[\\w,;] (${capitalised(words)})\\b`),
];

function capitalised(alternatives: string): string {
  return alternatives.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

/** Adapters are called `<contract>-<vendor>`; `file` is a word of its own and no vendor. */
function vendorsOf(tree: Tree): Set<string> {
  const adapters = tree.packages.flatMap((pkg) => {
    const contract = contractOf(pkg.folder);
    return contract === undefined ? [] : [pkg.folder.slice(contract.length + 1)];
  });
  const vendors = new Set([...adapters, ...synonyms, ...planned]);
  for (const word of ['file', ...words.split('|')]) vendors.delete(word);
  return vendors;
}

function vendorIn(line: string, vendors: ReadonlySet<string>): string | undefined {
  const word = wordsOf(line).find((candidate) => vendors.has(candidate));
  return word ?? named.map((pattern) => pattern.exec(line)?.[1]).find((match) => match !== undefined);
}

/** `readHubspotPage` -> read, hubspot, page; and neighbours as one, for vendors who write themselves in two: HubSpot. */
function wordsOf(line: string): string[] {
  const spaced = line.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  const words = spaced.toLowerCase().match(/[a-z][a-z0-9]*/g) ?? [];
  return [...words, ...words.map((word, at) => word + (words[at + 1] ?? ''))];
}

function checkFile(file: TextFile, vendors: ReadonlySet<string>): Finding[] {
  return file.text.split('\n').flatMap((line, index) => {
    const vendor = vendorIn(line, vendors);
    if (vendor === undefined) return [];
    return [
      {
        rule: 'vendor-names',
        thing: `${file.path}:${index + 1}`,
        reason: `names the vendor "${vendor}"; this package knows no vendor`,
        remedy: 'Declare a capability in the contract and branch on that.',
      },
    ];
  });
}

export const vendorNames: Rule = {
  name: 'vendor-names',
  check: (tree) => {
    const vendors = vendorsOf(tree);
    return tree.packages
      .filter((pkg) => pkg.group === 'packages' && neutral.has(pkg.folder))
      .flatMap((pkg) => sourcesOf(pkg).flatMap((file) => checkFile(file, vendors)));
  },
};
