/**
 * Does something once what was just pressed is seen to be pressed: a list is read and drawn after the frame that answers the hand, and not in it. A page that
 * nobody sees has no frames, and waits for none. Answers how to call it off.
 */
export function afterPaint(work: () => void): () => void {
  let timer = 0;
  const begin = () => {
    timer = window.setTimeout(work);
  };
  if (document.hidden) {
    begin();
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(begin);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
