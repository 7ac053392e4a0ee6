import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  toJoinBlock,
  toPlainText,
  toPreview,
  toStoredHtml,
  toStoredText,
  withJoinBlock,
} from '../src/microsoft365/calendar/event-body.ts';

const META = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">';

describe('a body', () => {
  it('is kept as a whole document with its character set, without scripts', () => {
    expect(toStoredHtml('Does <b>noon</b> work?<script>x()</script>')).toBe(
      `<html>\r\n<head>\r\n${META}\r\n</head>\r\n<body>\r\nDoes <b>noon</b> work?\r\n</body>\r\n</html>\r\n`,
    );
    const whole = '<html><head><style>p{margin:0}</style></head><body class="x"><p>Hi</p></body></html>';
    expect(toStoredHtml(whole)).toBe(
      `<html>\r\n<head>\r\n${META}\r\n<style>p{margin:0}</style>\r\n</head>\r\n<body class="x">\r\n<p>Hi</p>\r\n</body>\r\n</html>\r\n`,
    );
    expect(toStoredHtml(' \n')).toBe('');
  });

  it('that comes out goes in again unchanged', () => {
    const piece = fc.constantFrom(
      'text ',
      '\n',
      '\r\n',
      '<p>',
      '</p>',
      '<br>',
      '<html>',
      '<head>',
      '<title>T</title></head>',
      '<body dir="rtl">',
      '</body>',
      '</html>',
      '<script>alert(1)</script>',
      '<!-- note -->',
      '&amp;',
      '$& $1',
      '<meta charset="x">',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const once = toStoredHtml(pieces.join(''));
        expect(toStoredHtml(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('of plain text is HTML too, and the same text again', () => {
    const word = fc.stringMatching(/^[a-z<>&"'0-9]{1,8}$/);
    fc.assert(
      fc.property(
        fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        (lines) => {
          const text = lines.map((words) => words.join(' ')).join('\r\n');
          expect(toPlainText(toStoredText(text))).toBe(text);
        },
      ),
    );
  });

  it('shows the first 255 characters of its text', () => {
    expect(toPreview(toStoredHtml(`<style>p{}</style><p>${'ab '.repeat(200)}</p>`))).toHaveLength(255);
    expect(toPreview(toStoredHtml('<p>One</p><p>Two &lt;3&nbsp;&#33;</p>'))).toBe('One\r\nTwo <3\u00a0!');
  });

  it('of an online meeting ends with the way to it, whatever it says before', () => {
    const meeting = { joinUrl: 'https://teams.microsoft.com/l/meetup-join/1?a=b&c=d', conferenceId: '123' };
    const block = toJoinBlock(meeting);
    for (const body of ['', toStoredHtml('<p>Agenda</p>'), toStoredText('Agenda $1')]) {
      const complete = withJoinBlock(body, meeting);
      expect(complete).toContain(block);
      expect(toStoredHtml(complete)).toBe(complete);
      expect(toPlainText(complete)).toContain(toPlainText(body));
    }
  });
});
