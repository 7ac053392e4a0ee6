import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packed from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const FLAGS = ['--force-color-profile=srgb', '--font-render-hinting=none', '--hide-scrollbars'];

/** With one process for all, closing one page's context ends the browser. */
const args = packed.args.filter((arg) => arg !== '--single-process' && arg !== '--no-zygote');

/** What the package does with a folder for temporary files of its own: unpacks there what is not there yet. */
async function unpackInto(place: string): Promise<string> {
  const before = process.env.TMPDIR;
  mkdirSync(place, { recursive: true });
  process.env.TMPDIR = place;
  try {
    return await packed.executablePath();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

/**
 * A real Chromium from the npm package, unpacked once for this version into a folder of its own. Several files of tests start at once, and
 * a program that somebody still writes cannot be started (ETXTBSY): it gets its name when it is whole.
 */
async function unpacked(): Promise<string> {
  const place = join(tmpdir(), 'tidelock-chromium-153-whole');
  if (!existsSync(place)) {
    const own = mkdtempSync(join(tmpdir(), 'tidelock-chromium-'));
    await unpackInto(own);
    try {
      renameSync(own, place);
    } catch (error) {
      // Somebody else was there first.
      rmSync(own, { recursive: true, force: true });
      if (!existsSync(place)) throw error;
    }
  }
  return unpackInto(place);
}

export async function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await unpacked(),
    args: [...args, ...FLAGS],
    headless: true,
  });
}
