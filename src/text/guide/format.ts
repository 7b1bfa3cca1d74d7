/** Dialogues as text, with marks for the speakers and for the end. */
import type { Turn } from './turn';

/** What stands before a line. After `Guide:` a blank and the reply follow. */
export const marks = { visitor: 'Visitor:', guide: 'Guide:' } as const;
/** Stands after the last line: the control character "end of transmission", which no line contains. */
export const endMark = '\u0004';

/** `Visitor: …\nGuide: …\n` and so on, then the end mark. The characters are ASCII, so that indices are bytes. */
export function formatDialogue(turns: readonly Turn[]): string {
  return turns.map(({ speaker, text }) => `${marks[speaker]} ${text}\n`).join('') + endMark;
}

/** [start, end) of what the guide has to write: from the blank after its mark to the line break, at the end also the end mark. */
export function guideRanges(turns: readonly Turn[]): [number, number][] {
  const ranges: [number, number][] = [];
  let position = 0;
  turns.forEach(({ speaker, text }, index) => {
    const start = position + marks[speaker].length;
    position = start + text.length + 2;
    if (speaker === 'guide') ranges.push([start, index === turns.length - 1 ? position + endMark.length : position]);
  });
  return ranges;
}

/** The text before the reply of the guide's line at `index`: it ends with the guide's mark. */
export function promptOf(turns: readonly Turn[], index: number): string {
  if (turns[index]?.speaker !== 'guide') throw new RangeError(`Line ${index} is not a line of the guide.`);
  return formatDialogue(turns.slice(0, index)).slice(0, -endMark.length) + marks.guide;
}

export interface Entropy {
  /** Lines of the guide. */
  lines: number;
  /** Characters that the guide writes, with line breaks and end marks. */
  characters: number;
  /** The sum over all lines. */
  nats: number;
  natsPerLine: number;
  natsPerCharacter: number;
}

/** What stays uncertain in the guide's lines if everything before each character is known: the floor of their loss. */
export function entropyOf(dialogues: readonly (readonly Turn[])[]): Entropy {
  let characters = 0;
  let nats = 0;
  let lines = 0;
  for (const turns of dialogues) {
    for (const [start, end] of guideRanges(turns)) characters += end - start;
    for (const turn of turns) nats += turn.nats;
    lines += turns.filter(({ speaker }) => speaker === 'guide').length;
  }
  return { lines, characters, nats, natsPerLine: nats / (lines || 1), natsPerCharacter: nats / (characters || 1) };
}
