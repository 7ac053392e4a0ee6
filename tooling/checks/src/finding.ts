/** One thing that is not as the house wants it: where, why that is wrong, and what to do. */
export interface Finding {
  /** Name of the rule, as in `rules.ts`. */
  readonly rule: string;
  /** `path` or `path:line`, relative to the repository. */
  readonly thing: string;
  readonly reason: string;
  readonly remedy: string;
}

/** A check is a function of the tree alone: it reads nothing and changes nothing. */
export interface Rule {
  readonly name: string;
  readonly check: (tree: Tree) => readonly Finding[];
}

export interface TextFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Manifest {
  readonly name?: string;
  readonly private?: boolean;
  readonly packageManager?: string;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly repository?: { readonly directory?: string };
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly publishConfig?: {
    readonly access?: string;
    readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Package {
  /** `packages/core`, `apps/cli`, `tooling/bench`. */
  readonly directory: string;
  /** Last part of the directory: `core`. */
  readonly folder: string;
  readonly group: 'packages' | 'apps' | 'tooling';
  readonly manifest: Manifest;
  readonly files: readonly TextFile[];
}

export interface Tree {
  readonly root: Manifest;
  /** Every text file of the repository, packages included. */
  readonly files: readonly TextFile[];
  readonly packages: readonly Package[];
}
