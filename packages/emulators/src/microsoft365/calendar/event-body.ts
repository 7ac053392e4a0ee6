const HEAD = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">';
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const withCarriageReturns = (text: string): string => text.replace(/\r\n|\r|\n/g, '\r\n');

/** Scripts do not survive the mailbox. */
const withoutScripts = (html: string): string => html.replace(/<script\b[^>]*>[\s\S]*?<\/script\s*>/gi, '');

interface Frame {
  readonly attributes: string;
  readonly head: string;
}

const inDocument = (inner: string, { attributes, head }: Frame = { attributes: '', head: HEAD }): string =>
  `<html>\r\n<head>\r\n${head}\r\n</head>\r\n<body${attributes}>\r\n${inner.trim()}\r\n</body>\r\n</html>\r\n`;

/** Tags of a whole document have no place inside a body. */
const withoutFrame = (html: string): string => html.replace(/<\/?(html|head|body)\b[^>]*>/gi, '').trim();

/**
 * HTML as the mailbox keeps it: a whole document with its character set named, Windows line ends, no scripts. What comes out
 * goes in again unchanged.
 */
export function toStoredHtml(html: string): string {
  if (html.trim() === '') return '';
  const text = withCarriageReturns(withoutScripts(html));
  const body = /<body\b([^>]*)>([\s\S]*)$/i.exec(text);
  if (body === null) return inDocument(withoutFrame(text));
  const inside = /<head\b[^>]*>([\s\S]*?)<\/head\s*>/i.exec(text.slice(0, body.index))?.[1] ?? '';
  const head = withoutFrame(inside);
  const named = /http-equiv=/i.test(head) ? head : [HEAD, head].filter((part) => part !== '').join('\r\n');
  return inDocument(withoutFrame(body[2] ?? ''), { attributes: body[1] ?? '', head: named });
}

/** Plain text is kept as HTML too. */
export const toStoredText = (text: string): string =>
  text === ''
    ? ''
    : inDocument(
        `<div class="PlainText">${escapeHtml(text)
          .split(/\r\n|\r|\n/)
          .join('<br>\r\n')}</div>`,
      );

const decodeEntity = (entity: string, name: string): string => {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? entity;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity;
};

/** What a client reads that asked for text. */
export const toPlainText = (html: string): string =>
  html
    .replace(/<!--[\s\S]*?-->|<(style|head|title)\b[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/[\r\n\t ]+/g, ' ')
    .replace(/ ?<(br|\/p|\/div|\/li|\/tr|\/h[1-6]|hr)\b[^>]*> ?/gi, '\r\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(#?\w+);/g, decodeEntity)
    .trim();

/** The first 255 characters, as text. */
export const toPreview = (html: string): string => toPlainText(html).slice(0, 255);

const RULE = '_'.repeat(80);

/** What Teams puts at the end of the body; a body that is written without it has lost the link. */
export const toJoinBlock = (meeting: { readonly joinUrl: string; readonly conferenceId: string }): string =>
  [
    '<br>',
    `<div style="width:100%"><span style="white-space:nowrap; color:#5F5F5F; opacity:.36">${RULE}</span></div>`,
    '<div class="me-email-text" lang="en-US" style="color:#252424; font-family:\'Segoe UI\',Helvetica,Arial,sans-serif">',
    '<div style="margin-top:24px; margin-bottom:20px"><span style="font-size:24px; color:#252424">Microsoft Teams meeting</span></div>',
    `<div style="margin-bottom:20px"><a href="${escapeHtml(meeting.joinUrl)}" class="me-email-headline" target="_blank" rel="noreferrer noopener">Join the meeting now</a></div>`,
    `<div style="margin-bottom:20px"><span>Phone conference ID: </span><span>${meeting.conferenceId}#</span></div>`,
    '</div>',
    `<div style="width:100%"><span style="white-space:nowrap; color:#5F5F5F; opacity:.36">${RULE}</span></div>`,
  ].join('\r\n');

/** The stored body with the block at its end. */
export const withJoinBlock = (
  html: string,
  meeting: { readonly joinUrl: string; readonly conferenceId: string },
): string => {
  const block = toJoinBlock(meeting);
  if (html === '') return inDocument(block);
  const end = html.lastIndexOf('</body>');
  return toStoredHtml(`${html.slice(0, end)}${block}\r\n${html.slice(end)}`);
};
