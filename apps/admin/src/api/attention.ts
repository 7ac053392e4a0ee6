const PRESENT_MS = 60_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

let seenAt = performance.now();

/** Takes note of whoever touches the page. */
export function watchAttention(page: EventTarget): void {
  const note = (): void => {
    seenAt = performance.now();
  };
  for (const sign of SIGNS) page.addEventListener(sign, note, { passive: true, capture: true });
}

/** Whether somebody touched the page within the last minute. */
export const isSomebodyThere = (): boolean => performance.now() - seenAt < PRESENT_MS;
