import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packed from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const FLAGS = ['--force-color-profile=srgb', '--font-render-hinting=none', '--hide-scrollbars'];

/** With one process for all, closing one page's context ends the browser. */
const args = packed.args.filter((arg) => arg !== '--single-process' && arg !== '--no-zygote');

/** A real Chromium from the npm package, unpacked once for this version into a folder of its own. */
async function unpacked(): Promise<string> {
  const before = process.env.TMPDIR;
  const place = join(tmpdir(), 'tidelock-chromium-153');
  mkdirSync(place, { recursive: true });
  process.env.TMPDIR = place;
  try {
    return await packed.executablePath();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

export async function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await unpacked(),
    args: [...args, ...FLAGS],
    headless: true,
  });
}
