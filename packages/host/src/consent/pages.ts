import type { Stage } from './stages.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

export const STYLE = `:root{color-scheme:light dark;--ink:#16202a;--soft:#5b6b7a;--line:#d6dee6;--page:#f4f6f8;--card:#fff;
--accent:#0f6b7a;--on:#fff;--bad:#b3261e;--good:#146c2e}
@media (prefers-color-scheme:dark){:root{--ink:#e8eef3;--soft:#98a8b6;--line:#2a3640;--page:#10161c;--card:#182129;
--accent:#5cc4d4;--on:#071d21;--bad:#ff8a80;--good:#6fd6a0}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:40rem;margin:10vh auto;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:12px}
h1{font-size:1.4rem;margin:0 0 .5rem}p{margin:.5rem 0}.soft{color:var(--soft)}.bad{color:var(--bad)}.good{color:var(--good)}
a{color:var(--accent)}.act{display:inline-block;font:inherit;font-weight:600;color:var(--on);background:var(--accent);border:1px solid
var(--accent);border-radius:8px;padding:.6rem 1.2rem;text-decoration:none;cursor:pointer}.plain{color:var(--ink);background:none;
border-color:var(--line)}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.acts{display:flex;flex-wrap:wrap;gap:.8rem;align-items:center;margin-top:1.5rem}code{overflow-wrap:anywhere}
ul{padding-left:1.2rem}`;

export interface PageParts {
  /** Path under which everything stands, without a slash at its end. */
  readonly base: string;
  /** Proves that a form is ours. */
  readonly formToken: string;
  /** Where there is more to do afterwards; null: nowhere. */
  readonly home: string | null;
}

const shell = (of: {
  base: string;
  title: string;
  body: string;
  refresh: boolean;
}): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
${of.refresh ? '<meta http-equiv="refresh" content="2">\n' : ''}<title>${of.title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="${of.base}/style.css"></head>
<body><main><h1>${of.title}</h1>${of.body}</main></body></html>
`;

const START = '<button class="act">';
const AGAIN = '<button class="act plain">';

const button = ({ base, formToken }: PageParts, label: string, open = START): string =>
  `<form method="post" action="${base}/start"><input type="hidden" name="token" value="${escapeHtml(formToken)}">
${open}${label}</button></form>`;

const home = ({ home: href }: PageParts, label: string, looks: string): string =>
  href === null ? '' : `<a${looks} href="${escapeHtml(href)}">${label}</a>`;

const acts = (...parts: readonly string[]): string => `<div class="acts">${parts.join('')}</div>`;

const WHAT = `<p>An administrator of your organisation signs in at its directory and approves once. Tidelock keeps no password
and no token of that person; it proves itself by its own certificate from then on.</p>`;

const connected = (stage: Extract<Stage, { at: 'connected' }>): string => {
  const notes = stage.findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ text, remedy }) => `<li>${escapeHtml(text)} ${escapeHtml(remedy ?? '')}</li>`);
  const list = notes.length === 0 ? '' : `<p>Worth a look:</p><ul>${notes.join('')}</ul>`;
  return `<p class="good">A token was issued and the service answered.</p>
<p>Tenant ID: <code>${escapeHtml(stage.tenant)}</code></p>${list}`;
};

const refused = (stage: Extract<Stage, { at: 'refused' }>): string =>
  `<p class="bad">${escapeHtml(stage.text)}${stage.said === null ? '' : ` (${escapeHtml(stage.said)})`}</p>
<p>${escapeHtml(stage.remedy)}</p><p class="soft">Nothing was stored.</p>`;

/** The setup page of one session. Holds no field to type in: everything is decided at the directory's own pages. */
export function setupPage(parts: PageParts, stage: Stage): string {
  const { base } = parts;
  if (stage.at === 'connected')
    return shell({
      base,
      title: 'Connected',
      body:
        connected(stage) + acts(home(parts, 'Go on', ' class="act"'), button(parts, 'Connect again', AGAIN)),
      refresh: false,
    });
  if (stage.at === 'proving') {
    const waits = stage.missing === null ? '' : ` So far: ${escapeHtml(stage.missing)}.`;
    const body = `<p>Waiting until the approval has arrived everywhere. This takes seconds, sometimes minutes.${waits}</p>`;
    return shell({ base, title: 'Almost there', body, refresh: true });
  }
  if (stage.at === 'refused')
    return shell({
      base,
      title: 'Not connected',
      body: refused(stage) + acts(button(parts, 'Try again'), home(parts, 'Back', '')),
      refresh: false,
    });
  const body = WHAT + acts(button(parts, 'Connect'), home(parts, 'Back', ''));
  return shell({ base, title: 'Connect Tidelock', body, refresh: false });
}

export function errorPage(base: string, of: { readonly text: string; readonly remedy: string }): string {
  const body = `<p class="bad">${escapeHtml(of.text)}</p><p>${escapeHtml(of.remedy)}</p>`;
  return shell({ base, title: 'Not connected', body, refresh: false });
}
