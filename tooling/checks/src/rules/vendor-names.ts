import type { Finding, Rule, TextFile, Tree } from '../finding.ts';
import { sourcesOf } from '../syntax.ts';
import { contractOf } from './import-table.ts';

const neutral = new Set(['core', 'kit', 'engine', 'host', 'conformance']);
const synonyms = [
  'microsoft',
  'graph',
  'msal',
  'azure',
  'outlook',
  'office',
  'jsforce',
  'openbao',
  'dynamics',
];
const planned = ['hubspot', 'dataverse', 'twenty', 'vault', 'keyvault', 'postgres', 'postgresql'];

/** Adapters are called `<contract>-<vendor>`; `file` is a word of its own and no vendor. */
function vendorsOf(tree: Tree): Set<string> {
  const named = tree.packages.flatMap((pkg) => {
    const contract = contractOf(pkg.folder);
    return contract === undefined ? [] : [pkg.folder.slice(contract.length + 1)];
  });
  const vendors = new Set([...named, ...synonyms, ...planned]);
  vendors.delete('file');
  return vendors;
}

/** `toGraphContact` -> to, graph, contact. */
function wordsOf(line: string): string[] {
  const spaced = line.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  return spaced.toLowerCase().match(/[a-z][a-z0-9]*/g) ?? [];
}

function checkFile(file: TextFile, vendors: ReadonlySet<string>): Finding[] {
  return file.text.split('\n').flatMap((line, index) => {
    const vendor = wordsOf(line).find((word) => vendors.has(word));
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
