/**
 * True if a key is a command of the page. A letter, digit or sign is one only while the stage has the focus, so that words which are typed or
 * dictated elsewhere start nothing. No key of a composition is a command, and none that is held with Alt, Ctrl or Meta.
 */
export function isCommand(event: KeyboardEvent): boolean {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return false;
  const isCharacter = [...event.key].length === 1;
  return !isCharacter || (event.target instanceof Element && event.target.matches('#view .stage-canvas'));
}
