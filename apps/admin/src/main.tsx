import './styles/font.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/buttons.css';
import './styles/fields.css';
import './styles/surfaces.css';
import './styles/tables.css';
import './styles/overlays.css';
import './styles/records.css';
import './styles/charts.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { watchAttention } from './api/attention.ts';
import { App } from './app.tsx';
import { applyTheme, storedTheme } from './shell/theme.ts';

applyTheme(storedTheme());
watchAttention(window);

/** An upgrade replaced what this page was about to load: it is opened anew, from the same place. Not over and over. */
const RELOADED = 'tidelock-reloaded';
const AGAIN_MS = 60_000;
window.addEventListener('vite:preloadError', (event) => {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED)) < AGAIN_MS) return;
  event.preventDefault();
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
});

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element "root"');
/** Milliseconds that the letters are waited for; without them the page takes those of the system, and nothing moves later. */
const LETTERS_MS = 600;

const letters = document.fonts.load('400 1em "Inter Variable"').catch(() => []);
const patience = new Promise((resolve) => setTimeout(resolve, LETTERS_MS));

void Promise.race([letters, patience]).then(() =>
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  ),
);
