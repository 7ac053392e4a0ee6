export interface PageOptions {
  title: string;
  subtitle: string;
  /** Trusted markup. */
  bodyHtml: string;
  /** Trusted script, run after the body as a module. */
  script: string;
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const style = `
:root{color-scheme:light dark;--bg:#f6f7f9;--panel:#fff;--ink:#14202b;--muted:#5b6b7a;--line:#dfe5ea;--accent:#0b6bcb;
--accent-ink:#fff;--soft:#e8f1fb;--fresh:#fff3c4;--danger:#b3261e;--ok:#1a7f4b;--shadow:0 1px 2px #0f1c2a14,0 6px 24px #0f1c2a0f}
@media (prefers-color-scheme:dark){:root{--bg:#10161c;--panel:#182129;--ink:#e8eef3;--muted:#98a8b6;--line:#2a3640;
--accent:#5aa9ff;--accent-ink:#071521;--soft:#1d2e40;--fresh:#4a3f12;--danger:#ff8a80;--ok:#6fd6a0;--shadow:0 1px 2px #0006}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
.shell{max-width:1180px;margin:0 auto;padding:24px 20px 64px}
.masthead{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:baseline;margin-bottom:20px}
.masthead h1{font-size:22px;line-height:1.2;margin:0;letter-spacing:-.01em}.masthead p{margin:0;color:var(--muted)}
.badge{margin-left:auto;border:1px solid var(--line);border-radius:99px;padding:2px 12px;font-size:13px;color:var(--muted);
background:var(--panel)}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:12px;box-shadow:var(--shadow);overflow:hidden}
.toolbar{display:flex;flex-wrap:wrap;gap:12px;align-items:end;padding:14px 16px;border-bottom:1px solid var(--line)}
.toolbar label,.field{display:flex;flex-direction:column;gap:4px;font-size:13px;color:var(--muted)}.grow{flex:1;min-width:180px}
input,select,textarea{font:inherit;color:var(--ink);background:var(--bg);border:1px solid var(--line);border-radius:8px;
padding:7px 10px;width:100%;min-height:38px}
button{font:inherit;font-weight:600;border:1px solid var(--line);border-radius:8px;padding:7px 14px;background:var(--panel);
color:var(--ink);cursor:pointer}button:hover{background:var(--soft)}
button.primary{background:var(--accent);border-color:var(--accent);color:var(--accent-ink)}
button.primary:hover{filter:brightness(1.08)}button.danger{color:var(--danger)}
button.link{border:0;background:none;padding:0;color:var(--ink);text-align:left}
button.link:hover{background:none;color:var(--accent);text-decoration:underline}
.who{display:flex;gap:12px;align-items:center}
.avatar{flex:none;width:34px;height:34px;border-radius:50%;display:grid;place-items:center;font-size:13px;font-weight:700;
background:var(--soft);color:var(--accent)}
:focus-visible{outline:3px solid color-mix(in srgb,var(--accent) 55%,transparent);outline-offset:2px}
.scroll{overflow:auto;max-height:68vh}table{border-collapse:collapse;width:100%}
th{position:sticky;top:0;background:var(--panel);text-align:left;font-size:12px;letter-spacing:.04em;text-transform:uppercase;
color:var(--muted);z-index:1;box-shadow:inset 0 -1px var(--line)}th,td{padding:9px 16px;vertical-align:top}
td{border-top:1px solid var(--line)}tbody tr:hover{background:var(--soft)}td.num{font-variant-numeric:tabular-nums}
.sub{color:var(--muted);font-size:13px}@keyframes fresh{from{background:var(--fresh)}}tr.fresh{animation:fresh 4s ease-out}
@media (prefers-reduced-motion:reduce){tr.fresh{animation:none;box-shadow:inset 4px 0 var(--accent)}}
.status{padding:10px 16px;color:var(--muted);font-size:13px;border-top:1px solid var(--line)}
.empty{padding:48px 16px;text-align:center;color:var(--muted)}.error{color:var(--danger)}
dialog{border:1px solid var(--line);border-radius:14px;background:var(--panel);color:var(--ink);padding:0;width:min(680px,94vw);
box-shadow:0 24px 80px #0006}dialog::backdrop{background:#0b121988}
dialog form,.panel>form{padding:20px}dialog h2{margin:0 0 14px;font-size:18px}
.grid+.field{margin-top:12px}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:12px}
.actions{display:flex;gap:10px;justify-content:flex-end;margin-top:18px}.actions .danger{margin-right:auto}
.views{display:flex;gap:8px;margin-bottom:14px}.views [aria-pressed=true]{background:var(--soft);color:var(--accent)}
[hidden]{display:none!important}fieldset{border:1px solid var(--line);border-radius:8px;margin:0 0 12px;padding:6px 12px}
fieldset label{display:flex;gap:8px;align-items:center}input[type=radio],input[type=checkbox]{width:auto;min-height:0;align-self:flex-start}
fieldset input[type=radio]{align-self:center}.field+.field,.grid+.sub{margin-top:12px}.grid .field+.field{margin-top:0}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
`;

/** One self-contained HTML document without external resources. Title and subtitle are escaped. */
export function renderPage(options: PageOptions): string {
  const title = escapeHtml(options.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div class="shell">
<header class="masthead"><h1>${title}</h1><p>${escapeHtml(options.subtitle)}</p>
<span class="badge">emulator, nothing here is real</span></header>
<main>${options.bodyHtml}</main>
</div>
<script type="module">${options.script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}
