import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Canary, type KeyPairInfo, openSigning, type Signing } from '@tidelock/host';
import { Command, InvalidArgumentError } from 'commander';
import { toRounds } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { toPem, writeNewFile } from '../new-file.ts';
import { configPath } from '../session.ts';
import { printable, table } from '../table.ts';

type Certificate = KeyPairInfo['certificate'];

const open = (cli: Cli): Promise<Signing> =>
  openSigning({
    configPath: configPath(cli),
    resolveFrom: import.meta.url,
    env: cli.env,
    signal: cli.signal,
  });

const date = (at: number): string => new Date(at).toISOString().slice(0, 10);

const documentOf = ({ keyName, sha256, notBefore, notAfter }: Certificate) => ({
  ...{ keyName, sha256, notBefore: new Date(notBefore).toISOString() },
  notAfter: new Date(notAfter).toISOString(),
});

type Bits = 2048 | 3072 | 4096;

function toBits(text: string): Bits {
  const bits = Number(text);
  if (bits === 2048 || bits === 3072 || bits === 4096) return bits;
  throw new InvalidArgumentError('One of 2048, 3072, 4096.');
}

const COLUMNS = [
  { title: 'Key' },
  { title: 'Signs' },
  { title: 'Until' },
  { title: 'Days', align: 'right' },
  { title: 'SHA-256 of the certificate' },
] as const;

/** Null: nothing signs with it. */
function signsOf({ place, elsewhere }: Pick<KeyPairInfo, 'place' | 'elsewhere'>): string | null {
  const tokens = place === null ? [] : [place === 0 ? 'first' : 'as well'];
  const all = [...tokens, ...elsewhere.map(printable)];
  return all.length === 0 ? null : all.join(', ');
}

function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('key pairs, which of them sign, and how long their certificates last')
    .action(async () => {
      await using signing = await open(cli);
      const pairs = await signing.list();
      cli.json({
        keys: pairs.map(({ certificate, place, elsewhere, days, stage }) => ({
          ...{ ...documentOf(certificate), place, elsewhere, days, stage },
        })),
      });
      const { bold, good, warn, bad, dim } = cli.style();
      const paint = { ok: good, notice: warn, soon: warn, urgent: bad, expired: bad, early: warn };
      const rows = pairs.map(({ certificate, place, elsewhere, days, stage }) => [
        printable(certificate.keyName),
        signsOf({ place, elsewhere }) ?? dim('no'),
        date(certificate.notAfter),
        paint[stage](String(days)),
        certificate.sha256,
      ]);
      cli.say(table(COLUMNS, rows, bold));
    });
}

async function writeCertificate(
  cli: Cli,
  certificate: Certificate,
  out: string | undefined,
): Promise<string> {
  const folder = resolve(configPath(cli), '..');
  const name = `tidelock-${certificate.keyName.replaceAll('/', '-')}.cer`;
  const file = out === undefined ? join(folder, name) : resolve(cli.cwd, out);
  await writeNewFile(file, toPem(certificate.der));
  return file;
}

function createCommand(cli: Cli): Command {
  return new Command('create')
    .description(
      'make a key pair with a self-signed certificate; the private half never leaves the secret store',
    )
    .argument('<name>', 'name in the secret store')
    .option('--days <n>', 'validity of the certificate', toRounds, 180)
    .option('--bits <n>', 'RSA: 2048, 3072 or 4096', toBits, 3072)
    .option('--out <file>', 'where to write the public certificate')
    .action(async (name: string, flags: { days: number; bits: Bits; out?: string }) => {
      await using signing = await open(cli);
      const { days, bits } = flags;
      const made = await signing.secrets.keys.create(name, { commonName: `Tidelock ${name}`, days, bits });
      const file = await writeCertificate(cli, made, flags.out);
      cli.json({ ...documentOf(made), file });
      cli.say(
        `${name} was made; its certificate lasts until ${date(made.notAfter)}.\nPublic certificate: ${file}`,
      );
    });
}

function exportCommand(cli: Cli): Command {
  return new Command('export')
    .description('write the public certificate (.cer), which is what portals take')
    .argument('<name>', 'key pair')
    .option('--out <file>', 'where to (default: beside the configuration)')
    .action(async (name: string, flags: { out?: string }) => {
      await using signing = await open(cli);
      const certificate = await (await signing.secrets.keys.signer(name)).certificate();
      const file = await writeCertificate(cli, certificate, flags.out);
      cli.json({ ...documentOf(certificate), file });
      cli.say(`Written: ${file}\nSHA-256 of the certificate: ${certificate.sha256}`);
    });
}

async function readPem(cli: Cli, path: string): Promise<string> {
  try {
    return await readFile(resolve(cli.cwd, path), 'utf8');
  } catch {
    throw new UsageError([{ path, reason: 'cannot be read', remedy: 'Name a file in PEM form.' }]);
  }
}

function importCommand(cli: Cli): Command {
  return new Command('import')
    .description('take a key pair that was made elsewhere into the secret store')
    .argument('<name>', 'name in the secret store')
    .requiredOption('--key <file>', 'private key, PKCS#8 in PEM form')
    .requiredOption('--certificate <file>', 'its certificate in PEM form')
    .action(async (name: string, flags: { key: string; certificate: string }) => {
      await using signing = await open(cli);
      const privateKeyPem = await readPem(cli, flags.key);
      const certificatePem = await readPem(cli, flags.certificate);
      const taken = await signing.secrets.keys.import(name, { privateKeyPem, certificatePem });
      cli.json(documentOf(taken));
      cli.say(
        `${name} was taken in; its certificate lasts until ${date(taken.notAfter)}. Destroy the file of the key.`,
      );
    });
}

const byHand = (names: readonly string[]): string =>
  `Write these names into the token adapter's options, newest first: ${names.join(', ')}`;

function rotateCommand(cli: Cli): Command {
  return new Command('rotate')
    .description(
      'make the next key pair and put it first; the present one stays in use until the new one is registered',
    )
    .option('--days <n>', 'validity of the new certificate', toRounds, 180)
    .option('--bits <n>', 'RSA: 2048, 3072 or 4096', toBits, 3072)
    .option('--out <file>', 'where to write the new public certificate')
    .addHelpText(
      'after',
      '\nNo consent is asked for again, and no sync stops. Next: upload the certificate, then tidelock keys check.',
    )
    .action(async (flags: { days: number; bits: Bits; out?: string }) => {
      await using signing = await open(cli);
      const { certificate, names, written } = await signing.rotate(flags);
      const file = await writeCertificate(cli, certificate, flags.out);
      cli.json({ ...documentOf(certificate), file, names, written });
      const place = written ? 'was made and stands first' : 'was made, and does not sign yet';
      cli.say(`${certificate.keyName} ${place}; ${names.slice(1).join(', ')} stays in use beside it.
Public certificate: ${file}
${written ? '' : `\n${byHand(names)}\n`}
  1. Upload it to the app registration, next to the old one.
  2. tidelock keys check          says when it is accepted
  3. tidelock keys retire ${names[1] ?? ''}   a day later`);
    });
}

const wordsOf = (canary: Canary): string =>
  canary.state === 'accepted' ? 'accepted' : `${canary.state} (${canary.error.code ?? canary.error.kind})`;

function checkCommand(cli: Cli): Command {
  return new Command('check')
    .description(
      'ask the directory for a token with each key in use: a canary for the connected organisation',
    )
    .addHelpText(
      'after',
      '\nExit code 5 when the first key is not accepted but another one is, 4 when none is.',
    )
    .action(async () => {
      await using signing = await open(cli);
      const found = await signing.check();
      if (found === null) {
        cli.json({ keys: [], connected: false });
        cli.say('No organisation is connected, so no key can be tried. Next: tidelock connect');
        cli.exit(EXIT.auth);
        return;
      }
      const { good, bad, dim } = cli.style();
      cli.json({
        keys: found.map((canary) => ({
          ...{ keyName: canary.key, state: canary.state },
          ...(canary.state === 'accepted' ? {} : { code: canary.error.code, remedy: canary.error.remedy }),
        })),
      });
      for (const canary of found) {
        const paint = canary.state === 'accepted' ? good : bad;
        cli.say(`${paint(wordsOf(canary))}  ${printable(canary.key)}`);
        if (canary.state !== 'accepted') cli.say(`  ${dim('→')} ${printable(canary.error.remedy ?? '')}`);
      }
      const states = found.map(({ state }) => state);
      if (states[0] === 'accepted') return;
      cli.exit(states.includes('accepted') ? EXIT.partial : EXIT.auth);
    });
}

function retireCommand(cli: Cli, word: 'retire' | 'revoke'): Command {
  const revokes = word === 'revoke';
  const command = new Command(word).argument('<name>', 'key pair');
  command.description(
    revokes
      ? 'take a key out of use and destroy it at once, whatever else is accepted: for a key that may be known'
      : 'take a key out of use and destroy it, once another one is accepted; also one that nothing signs with',
  );
  if (!revokes) command.option('--anyway', 'also where no other key is accepted', false);
  return command.action(async (name: string, flags: { anyway?: boolean }) => {
    await using signing = await open(cli);
    const { names, written } = await signing.retire(name, revokes || flags.anyway === true);
    cli.json({ keyName: name, names, written });
    if (!written) {
      cli.say(`Nothing was changed. ${byHand(names)}`);
      cli.exit(EXIT.input);
      return;
    }
    cli.say(`${name} is destroyed. Signing now: ${names.join(', ')}.
Remove its certificate from the app registration as well: until then nothing here can use it, but a copy could.`);
  });
}

/** Everything about the key pairs that sign. */
export const keyPairCommands = (cli: Cli): readonly Command[] => [
  listCommand(cli),
  createCommand(cli),
  exportCommand(cli),
  importCommand(cli),
  rotateCommand(cli),
  checkCommand(cli),
  retireCommand(cli, 'retire'),
  retireCommand(cli, 'revoke'),
];
