import type { Rule } from './finding.ts';
import { adapterShape } from './rules/adapter-shape.ts';
import { ambient } from './rules/ambient.ts';
import { dependencies } from './rules/dependencies.ts';
import { fileLength, fileNames, machinePaths } from './rules/files.ts';
import { importTable } from './rules/import-table.ts';
import { assertingTests, contractMajors, cursorDefaults } from './rules/lessons.ts';
import { manifests, privateTooling, wholeRepository } from './rules/manifests.ts';
import { securityPage } from './rules/security-page.ts';
import { explainedSkips } from './rules/skips.ts';
import { vendorHome } from './rules/vendor-home.ts';
import { vendorNames } from './rules/vendor-names.ts';

/** Every rule has a seeded violation in `test/rules.test.ts`, which fails for a rule without one. */
export const rules: readonly Rule[] = [
  importTable,
  vendorHome,
  vendorNames,
  ambient,
  fileLength,
  fileNames,
  machinePaths,
  adapterShape,
  manifests,
  privateTooling,
  wholeRepository,
  dependencies,
  cursorDefaults,
  assertingTests,
  explainedSkips,
  contractMajors,
  securityPage,
];
