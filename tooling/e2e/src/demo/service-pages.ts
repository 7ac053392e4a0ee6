import type { BrowserContext, Page } from 'playwright-core';
import type { Demo } from './demo-process.ts';

/** The two emulated services as people see them, in tabs beside the administrators' page. */
export interface ServicePages {
  readonly crm: Page;
  /** Writes a job title in Outlook; milliseconds from the click on Save to the moment at which the CRM's page shows it. */
  retitle(title: string): Promise<number>;
  /** Resolves once the CRM's page shows the text. */
  shown(text: string): Promise<void>;
}

/** Resolves with the time at which the rows hold the text, by the page's own clock. */
const whenShown = (text: string): string => `new Promise((resolve) => {
  const rows = document.getElementById('rows');
  const look = () => {
    if (!rows.textContent.includes(${JSON.stringify(text)})) return;
    observer.disconnect();
    resolve(Date.now());
  };
  const observer = new MutationObserver(look);
  observer.observe(rows, { childList: true, subtree: true, characterData: true });
  look();
})`;

const NOTE_SAVE = `document.getElementById('form').addEventListener('submit', () => {
  window.tidelockSavedAt = Date.now();
}, { once: true, capture: true })`;

/** Both pages, searched for one person. */
export async function openServicePages(
  context: BrowserContext,
  demo: Demo,
  person: string,
): Promise<ServicePages> {
  const [outlook, crm] = [await context.newPage(), await context.newPage()];
  await outlook.goto(demo.outlook);
  await crm.goto(demo.crm);
  await outlook.getByLabel('Search').fill(person);
  await crm.getByLabel('Search').fill(person);
  await crm.getByRole('button', { name: `Edit ${person}` }).waitFor();
  return {
    crm,
    async retitle(title) {
      await outlook.getByRole('button', { name: person }).click();
      await outlook.getByLabel('Job title').fill(title);
      await outlook.evaluate(NOTE_SAVE);
      const shown = crm.evaluate<number>(whenShown(title));
      await outlook.getByRole('button', { name: 'Save' }).click();
      const at = await shown;
      return at - (await outlook.evaluate<number>('window.tidelockSavedAt'));
    },
    async shown(text) {
      await crm.evaluate(whenShown(text));
    },
  };
}
